/** Which answers are used again, and which must not be. */
import t, { type Test } from 'tap'
import { inject, Kubelets, type Snapshot } from '../../src/inject/index.ts'
import { type RevisionSketch, revision, snapshotOf } from '../inject/revision-fixture.ts'
import { native, proxy } from '../inject/run-inject.ts'
import { type Answering, withAndWithoutCache } from './with-and-without-cache.ts'

interface Sketch {
  readonly uid?: string
  readonly generateName?: string
  readonly suffix?: string
  readonly labels?: object
  readonly annotations?: object
  readonly spec?: object
  readonly hostname?: string
  /** Of the pod itself. */
  readonly namespace?: string
  /** A container of the pod's own that becomes the proxy, with the token mounted. */
  readonly ownProxy?: boolean
  /** An ephemeral container with the token mounted. */
  readonly debug?: boolean
}

function review(sketch: Sketch = {}): string {
  const {
    uid = 'u-1',
    generateName = 'web-',
    suffix = 'x7k2p',
    labels = {},
    annotations = {},
    spec = {},
    hostname = 'a',
    namespace,
    ownProxy,
    debug,
  } = sketch
  const name = `kube-api-access-${suffix}`
  const volumeMounts = [{ name, mountPath: '/v' }]
  const own = ownProxy === true ? [{ name: 'istio-proxy', image: 'auto', volumeMounts }] : []
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'shop',
      operation: 'CREATE',
      object: {
        metadata: {
          generateName,
          ...(namespace !== undefined && { namespace }),
          labels: { 'sidecar.istio.io/inject': 'true', ...labels },
          annotations,
        },
        spec: {
          hostname,
          volumes: [{ name }],
          containers: [{ name: 'web', image: 'i', volumeMounts }, ...own],
          ...(debug === true && { ephemeralContainers: [{ name: 'debug', image: 'd', volumeMounts }] }),
          ...spec,
        },
      },
    },
  })
}

function answering(sketch: RevisionSketch = {}, facts: Partial<Snapshot> = {}): Answering {
  return withAndWithoutCache(snapshotOf(revision({ templates: proxy(), ...sketch }), facts))
}

let n = 0
/** Sends reviews with new UIDs and suffixes; returns how often the core was called. */
function askTimes(t: Test, found: Answering, times: number, sketch: Sketch = {}): number {
  const before = found.asked
  for (let i = 0; i < times; i++) {
    n++
    const suffix = `v${String(n).padStart(4, '0')}`
    const { plain, fast } = found.ask(review({ uid: `u-${n}`, suffix, ...sketch }))
    t.same(fast, plain)
  }
  return found.asked - before
}

t.test(
  'the answer to the second pod of a workload is cached, and later pods do not reach the core',
  async (t) => {
    const found = answering()
    t.equal(askTimes(t, found, 1), 1)
    t.equal(found.cache.counts.entries, 0, 'what came once costs no memory')
    t.equal(askTimes(t, found, 1), 1, 'the pod whose answer is kept is injected once')
    t.equal(found.cache.counts.entries, 1)
    t.equal(askTimes(t, found, 5), 0)
    t.match(found.cache.counts, { hits: 5, misses: 2, entries: 1, evictions: 0 })
    const { fast } = found.ask(review({ uid: 'u-last', suffix: 'zzzzz' }))
    t.match(JSON.parse(fast.body), { response: { uid: 'u-last', allowed: true, patchType: 'JSONPatch' } })
    t.match(fast.line, { kind: 'patched', code: 'injected', pod: 'web-', uid: 'u-last', revision: 'default' })
    t.match(fast.counted, { kind: 'patched', code: 'injected', revision: 'default' })
  },
)

t.test('an answer whose patch names the token volume is not cached', async (t) => {
  // Holding the application puts the pod's own proxy first, so that it is written anew with its mounts.
  const found = answering({ mesh: 'defaultConfig: {holdApplicationUntilProxyStarts: true}' })
  t.equal(askTimes(t, found, 4, { ownProxy: true }), 4)
  const { fast } = found.ask(review({ suffix: 'abcde', ownProxy: true }))
  const { patch }: { patch: string } = JSON.parse(fast.body).response
  t.match(Buffer.from(patch, 'base64').toString(), /kube-api-access-abcde/)
  t.equal(found.cache.counts.entries, 0)
})

t.test('skipped pods are answered from the cache, refusals and faults are not', async (t) => {
  const found = answering()
  const skipped = { labels: { 'sidecar.istio.io/inject': 'false' } }
  askTimes(t, found, 2, skipped)
  t.equal(askTimes(t, found, 3, skipped), 0)
  const { entries } = found.cache.counts
  const refused = {
    annotations: { 'sidecar.istio.io/proxyCPU': 'much', 'status.sidecar.istio.io/port': 'x' },
  }
  t.equal(askTimes(t, found, 4, refused), 4)
  t.equal(found.cache.counts.entries, entries)
  const broken = answering(
    {},
    { revisions: new Map([['default', { name: 'default', namespace: 'x', config: undefined }]]) },
  )
  t.equal(askTimes(t, broken, 4), 4)
  t.equal(broken.cache.counts.entries, 0)
})

const TOKEN_AS_ARGUMENT = '    args: [{{ (index .Spec.Volumes 0).Name | sha256sum | quote }}]\n'
const OWN_TOKEN_VOLUME = '  volumes: [{name: {{ printf "kube%s-access-x7k2p" "-api" }}, emptyDir: {}}]\n'
// Of ephemeral containers, neither overrides nor status name the mounts.
const TOKEN_MOUNT =
  'spec: {ephemeralContainers: [{name: debug, volumeMounts: [{mountPath: /v, readOnly: true}]}]}\n'

t.test('pods that differ in any input of the answer are injected each time', async (t) => {
  const named = { suffix: 'x7k2p' }
  for (const [why, sketch, revisionSketch] of [
    ['the suffix stands elsewhere', { ...named, hostname: 'kube-api-access-x7k2p' }, {}],
    ['and is hidden by escapes', { ...named, annotations: { a: '"\\u006bube-api-access-x7k2p"' } }, {}],
    ['on a node', { spec: { nodeName: 'n1' } }, {}],
    ['templates read volumes', {}, { templates: { sidecar: '{{ $x := .Spec.Volumes }}{}' } }],
    ['templates read the clock', {}, { templates: { sidecar: '{{ $x := now }}{}' } }],
    ['templates read chance', {}, { templates: { sidecar: '{{ $x := randNumeric 3 }}{}' } }],
    ['the time in the patch', {}, { templates: proxy('    args: [{{ now | date "2006" | quote }}]\n') }],
    ['the token volume in the patch', {}, { templates: proxy(TOKEN_AS_ARGUMENT) }],
    ['a volume of the token volume’s name', named, { templates: proxy(OWN_TOKEN_VOLUME) }],
    ['a mount of the token volume is changed', { debug: true }, { templates: { sidecar: TOKEN_MOUNT } }],
  ] as const) {
    const found = answering(revisionSketch)
    t.equal(askTimes(t, found, 4, sketch) >= 4, true, why)
    t.equal(found.cache.counts.hits, 0, why)
  }
})

t.test('an answer that names a token volume outside its patch is not cached', async (t) => {
  const name = 'kube-api-access-old'
  const facts = { labels: new Map([['istio.io/rev', name]]), annotations: new Map() }
  const found = answering({ name }, { namespaces: new Map([['shop', facts]]) })
  // A skipped pod has no patch.
  const skipped = { spec: { hostNetwork: true } }
  t.equal(askTimes(t, found, 4, skipped), 4)
  const { fast } = found.ask(review(skipped))
  t.match(JSON.parse(fast.body).response, { allowed: true, auditAnnotations: { revision: name } })
  t.equal(found.cache.counts.entries, 0)
})

t.test('keys of every length lead to the right answers', async (t) => {
  const found = answering()
  // Around the length from which keys are hashed, in characters of one and of two bytes.
  for (const character of ['x', 'ж'])
    for (const length of [100, 15_000, 15_900, 16_100, 30_000]) {
      const labels = (end: string) => ({ long: character.repeat(length) + end })
      for (const end of ['a', 'b']) {
        askTimes(t, found, 2, { labels: labels(end) })
        t.equal(askTimes(t, found, 2, { labels: labels(end) }), 0, `${length} ${end}`)
      }
    }
  t.equal(found.cache.counts.entries, 20)
})

t.test('random text in the patch differs for each pod', async (t) => {
  const found = answering({ templates: proxy('    args: [{{ uuidv4 | quote }}]\n') })
  const patches = Array.from({ length: 5 }, (_, i) => found.ask(review({ uid: `u-${i}` })).fast.body)
  const texts = patches.map((body) => Buffer.from(JSON.parse(body).response.patch, 'base64').toString())
  t.equal(new Set(texts).size, 5)
  t.equal(found.cache.counts.entries, 0)
})

t.test('without a token volume, templates may read volumes', async (t) => {
  const found = answering({ templates: { sidecar: '{{ $x := .Spec.Volumes }}{}' } })
  const spec = { volumes: [{ name: 'data' }], containers: [{ name: 'web', image: 'i' }] }
  askTimes(t, found, 2, { spec })
  t.equal(askTimes(t, found, 2, { spec }), 0)
})

t.test('a template that would read the clock for other pods does not prevent caching', async (t) => {
  const found = answering({
    templates: { sidecar: '{{ if .ObjectMeta.Labels.dated }}{{ $x := now }}{{ end }}{}' },
  })
  askTimes(t, found, 2)
  t.equal(askTimes(t, found, 2), 0)
  t.equal(askTimes(t, found, 3, { labels: { dated: 'yes' } }), 3)
})

t.test('a pod that contains the UID of its review gets its own answer', async (t) => {
  const found = answering({
    templates: proxy('    args: [{{ index .ObjectMeta.Annotations "uid" | quote }}]\n'),
  })
  for (const uid of ['u-a', 'u-a', 'u-b', 'u-b', 'u-a', 'u-b']) {
    const { plain, fast } = found.ask(review({ uid, annotations: { uid } }))
    t.same(fast, plain)
  }
  t.equal(found.cache.counts.hits, 3)
})

t.test(
  'on OpenShift a pod whose namespace differs from that of its review is injected each time',
  async (t) => {
    const ranges = (first: number) => ({
      labels: new Map(),
      annotations: new Map([['openshift.io/sa.scc.uid-range', `${first}/10`]]),
    })
    const found = answering(
      {
        templates: proxy('    args: ["{{ .ProxyUID }}"]\n'),
        values: { global: { hub: 'h', tag: '1' }, pilot: { env: { PLATFORM: 'openshift' } } },
      },
      {
        namespaces: new Map([
          ['shop', ranges(1000)],
          ['other', ranges(2000)],
        ]),
      },
    )
    const inOther = { namespace: 'other' }
    t.equal(askTimes(t, found, 3, inOther), 3)
    const { snapshot } = found
    found.snapshot = {
      ...snapshot,
      namespaces: new Map([...snapshot.namespaces, ['other', ranges(3000)]]),
    }
    t.equal(askTimes(t, found, 2, inOther), 2)
    askTimes(t, found, 2)
    t.equal(askTimes(t, found, 1), 0, 'and of its own from the cache')
  },
)

t.test('a review with a second UID gets the same answer as without a cache', async (t) => {
  const found = answering()
  const twice = (uid: string) =>
    review({ uid }).replace('"namespace":"shop"', '"namespace":"shop","uid":"fixed"')
  for (const uid of ['fixed', 'fixed', 'fixed', 'other', 'fixed', 'more']) {
    const { plain, fast } = found.ask(twice(uid))
    t.same(fast, plain)
    t.equal(JSON.parse(fast.body).response.uid, 'fixed')
  }
})

t.test('URL and content type are part of the key', async (t) => {
  const found = answering()
  askTimes(t, found, 3)
  for (const url of [
    '/inject/net/n1',
    '/revisions/default/inject',
    '/tags/none/inject',
    '/nowhere',
    '/inject?a',
  ]) {
    for (let i = 0; i < 3; i++) {
      const { plain, fast } = found.ask(review(), url)
      t.same(fast, plain, url)
    }
  }
  for (let i = 0; i < 3; i++) {
    const { plain, fast } = found.ask(review(), '/inject', 'text/plain')
    t.same(fast, plain)
    t.equal(fast.status, 415)
  }
})

t.test('bytes that are not UTF-8 are read as the core reads them', async (t) => {
  const found = answering()
  const good = Buffer.from(review({ hostname: '\ufffd\ufffd' }))
  const bad = Buffer.from(review({ hostname: '??' }))
  bad.fill(0xff, bad.indexOf('??'), bad.indexOf('??') + 2)
  for (let i = 0; i < 3; i++) {
    for (const body of [good, bad, good.subarray(0, good.length - 3)]) {
      const { plain, fast } = found.ask(body)
      t.same(fast, plain)
    }
  }
  t.equal(found.cache.counts.entries, 1)
})

t.test('large pods are answered from the cache, up to a limit', async (t) => {
  const found = answering()
  const large = (value: string, times: number) => ({ annotations: { large: value.repeat(times) } })
  askTimes(t, found, 2, large('a', 100_000))
  t.equal(askTimes(t, found, 2, large('a', 100_000)), 0)
  t.equal(askTimes(t, found, 2, large('b', 100_000)), 1)
  t.equal(askTimes(t, found, 4, large('c', 300_000)), 4)
})

t.test('a new snapshot keeps entries that depend on nothing that changed', async (t) => {
  const found = answering()
  askTimes(t, found, 3)
  const { snapshot } = found
  const facts = { labels: new Map(), annotations: new Map() }
  found.snapshot = { ...snapshot, namespaces: new Map([...snapshot.namespaces, ['other', facts]]) }
  t.equal(askTimes(t, found, 1), 0, 'another namespace')
  found.snapshot = { ...snapshot, nodes: new Kubelets([...snapshot.nodes.versions, ['n2', 'v1.33.1']]) }
  t.equal(askTimes(t, found, 1), 0, 'another node of the same version')

  found.snapshot = { ...snapshot, namespaces: new Map([['shop', facts]]) }
  t.equal(askTimes(t, found, 1), 1, 'its namespace')
  found.snapshot = { ...found.snapshot, tags: new Map([['prod', 'default']]) }
  t.equal(askTimes(t, found, 1), 1, 'tags')
  const config = revision({ templates: proxy('    args: [new]\n') })
  found.snapshot = { ...found.snapshot, revisions: snapshotOf(config).revisions }
  t.equal(found.cache.counts.entries, 1, 'nothing is dropped before the next lookup')
  t.equal(askTimes(t, found, 1), 1, 'its configuration')
  const { fast } = found.ask(review())
  const { patch }: { patch: string } = JSON.parse(fast.body).response
  t.match(Buffer.from(patch, 'base64').toString(), /"args":\["new"\]/)
})

t.test('a node whose version keeps changing invalidates no cached answer', async (t) => {
  const found = answering({ templates: native })
  askTimes(t, found, 3)
  const { snapshot } = found
  const nodeSays = (version: string): void => {
    found.snapshot = {
      ...found.snapshot,
      nodes: new Kubelets([...snapshot.nodes.versions, ['flips', version]]),
    }
  }
  let asked = 0
  const natives = new Set<boolean>()
  for (let i = 0; i < 20; i++) {
    nodeSays(i % 2 === 0 ? `v1.32.${i}` : `v1.33.${i}`)
    asked += askTimes(t, found, 1)
    const { patch }: { patch: string } = JSON.parse(found.ask(review()).fast.body).response
    const patched = Buffer.from(patch, 'base64').toString()
    natives.add(patched.includes('/spec/initContainers'))
  }
  t.equal(asked, 1, 'the core is asked once for the other decision')
  t.equal(natives.size, 2, 'each decision has its own answers')
})

t.test('a tenant who edits ProxyConfigs evicts only the answers of the same namespace', async (t) => {
  const found = answering({ mesh: 'rootNamespace: root' })
  askTimes(t, found, 3)
  const inNamespace = (namespace: string): void => {
    const resource = { namespace, name: 'p', creationTimestamp: '', matchLabels: undefined, proxyConfig: {} }
    const { snapshot } = found
    found.snapshot = {
      ...snapshot,
      proxyConfigs: new Map([...snapshot.proxyConfigs, [namespace, [resource]]]),
    }
  }
  inNamespace('tenant')
  t.equal(askTimes(t, found, 1), 0, "another namespace's")
  inNamespace('shop')
  t.equal(askTimes(t, found, 1), 1, 'its own')
  t.equal(askTimes(t, found, 1), 0)
  inNamespace('root')
  t.equal(askTimes(t, found, 1), 1, "the mesh's")
  const elsewhere = { namespace: 'tenant' }
  t.equal(askTimes(t, found, 4, elsewhere), 4, 'a pod that says another namespace than its review')
})

t.test('while reviews are recorded the cache is not used', async (t) => {
  const found = answering()
  askTimes(t, found, 3)
  found.recording = true
  t.equal(askTimes(t, found, 3), 3)
  found.recording = false
  t.equal(askTimes(t, found, 3), 0)
})

t.test('a namespace that floods the cache evicts no entries of others', async (t) => {
  const facts = { labels: new Map(), annotations: new Map() }
  const namespaces = new Map([
    ['shop', facts],
    ['flood', facts],
  ])
  const found = withAndWithoutCache(snapshotOf(revision({ templates: proxy() }), { namespaces }), {
    maxBytes: 200_000,
  })
  askTimes(t, found, 3)
  for (let i = 0; i < 2_000; i++) {
    const flooding = review({ uid: `u-${i}`, generateName: `w${i >> 1}-`, hostname: `h${i >> 1}` })
    found.ask(flooding.replace('"namespace":"shop"', '"namespace":"flood"'))
  }
  const { evictions, bytes } = found.cache.counts
  t.ok(evictions > 100 && bytes <= 200_000, `${evictions} evictions, ${bytes} bytes`)
  t.equal(askTimes(t, found, 3), 0)
})

t.test('many workloads in turn stay within the limits', async (t) => {
  const found = withAndWithoutCache(snapshotOf(revision({ templates: proxy() })), { maxBytes: 60_000 })
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 60; i++) {
      const { plain, fast } = found.ask(review({ uid: `u-${round}-${i}`, generateName: `web-${i}-` }))
      t.same(fast, plain)
      t.ok(found.cache.counts.bytes <= 60_000)
    }
  }
  t.ok(found.cache.counts.evictions > 0)
})

t.test('an answer from a snapshot that has been replaced is not cached', async (t) => {
  const before = snapshotOf(revision({ templates: proxy('    args: [before]\n') }))
  const after = snapshotOf(revision({ templates: proxy('    args: [after]\n') }))
  let callsUntilReplaced = Infinity
  const found: Answering = withAndWithoutCache(before, {
    core(request, snapshot) {
      if (--callsUntilReplaced === 0) {
        found.snapshot = after
        // Moves the cache to the new snapshot while the answer of the old one is made.
        found.ask(review({ generateName: 'other-' }))
      }
      return inject(request, snapshot)
    },
  })
  askTimes(t, found, 1)
  // The handler without a cache is called first.
  callsUntilReplaced = 2
  found.ask(review({ uid: 'u-old' }))
  t.equal(found.snapshot, after)
  t.equal(askTimes(t, found, 1), 1, 'the core is asked in the new snapshot')
  t.equal(askTimes(t, found, 1), 0)
})

t.test('namespaces that do not exist share one part of the cache', async (t) => {
  const namespaces = new Map([['shop', { labels: new Map(), annotations: new Map() }]])
  const found = withAndWithoutCache(snapshotOf(revision({ templates: proxy() }), { namespaces }), {
    maxBytes: 200_000,
  })
  // Several workloads, so that each made-up namespace alone would hold less than this one.
  const workloads = Array.from({ length: 5 }, (_, i) => ({ generateName: `web-${i}-` }))
  for (const sketch of workloads) askTimes(t, found, 2, sketch)
  for (let i = 0; i < 2_000; i++) {
    const flooding = review({ uid: `u-${i}`, generateName: `w${i >> 1}-`, hostname: `h${i >> 1}` })
    found.ask(flooding.replace('"namespace":"shop"', `"namespace":"made-up-${i >> 1}"`))
  }
  t.ok(found.cache.counts.evictions > 100)
  for (const sketch of workloads) t.equal(askTimes(t, found, 1, sketch), 0)
})

t.test('OpenShift UID ranges are part of the key only on OpenShift', async (t) => {
  const facts = { labels: new Map(), annotations: new Map([['openshift.io/sa.scc.uid-range', '1000/10']]) }
  const templates = proxy('    args: ["{{ .ProxyUID }}"]\n')
  const argsFor = (env: Record<string, string>) => {
    const values = { global: { hub: 'h', tag: '1' }, pilot: { env } }
    const found = answering({ templates, values }, { namespaces: new Map([['shop', facts]]) })
    const { patch }: { patch: string } = JSON.parse(found.ask(review()).fast.body).response
    return /"args":\["(\d*)"\]/.exec(Buffer.from(patch, 'base64').toString())?.[1]
  }
  t.equal(argsFor({ PLATFORM: 'openshift' }), '1009')
  t.equal(argsFor({}), '1337')
})
