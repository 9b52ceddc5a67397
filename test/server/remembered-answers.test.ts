/** When an answer is given again, and when it must not be. */
import t, { type Test } from 'tap'
import type { Snapshot } from '../../src/inject/index.ts'
import { type RevisionSketch, revision, snapshotOf } from '../inject/revision-fixture.ts'
import { proxy } from '../inject/run-inject.ts'
import { twoWays, type Ways } from './two-ways.ts'

interface Sketch {
  readonly uid?: string
  readonly generateName?: string
  readonly suffix?: string
  readonly labels?: object
  readonly annotations?: object
  readonly spec?: object
  readonly hostname?: string
  /** A container of the pod's own that becomes the proxy, with the token mounted. */
  readonly ownProxy?: boolean
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
    ownProxy,
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
          labels: { 'sidecar.istio.io/inject': 'true', ...labels },
          annotations,
        },
        spec: {
          hostname,
          volumes: [{ name }],
          containers: [{ name: 'web', image: 'i', volumeMounts }, ...own],
          ...spec,
        },
      },
    },
  })
}

function ways(sketch: RevisionSketch = {}, facts: Partial<Snapshot> = {}): Ways {
  return twoWays(snapshotOf(revision({ templates: proxy(), ...sketch }), facts))
}

let n = 0
/** Asks with ever new UIDs and suffixes; says how often the core was asked, trials included. */
function askTimes(t: Test, found: Ways, times: number, sketch: Sketch = {}): number {
  const before = found.asked
  for (let i = 0; i < times; i++) {
    n++
    const suffix = `v${String(n).padStart(4, '0')}`
    const { plain, fast } = found.ask(review({ uid: `u-${n}`, suffix, ...sketch }))
    t.same(fast, plain)
  }
  return found.asked - before
}

t.test('the second pod of a workload is tried, and from the third on the core is not asked', async (t) => {
  const found = ways()
  t.equal(askTimes(t, found, 1), 1)
  t.equal(found.remembered.counts.entries, 0, 'what came once costs no memory')
  t.equal(askTimes(t, found, 1), 2)
  t.equal(askTimes(t, found, 5), 0)
  t.match(found.remembered.counts, { hits: 5, misses: 2, entries: 1, evictions: 0 })
  const { fast } = found.ask(review({ uid: 'u-last', suffix: 'zzzzz' }))
  t.match(JSON.parse(fast.body), { response: { uid: 'u-last', allowed: true, patchType: 'JSONPatch' } })
  t.match(fast.line, { kind: 'patched', code: 'injected', pod: 'web-', uid: 'u-last', revision: 'default' })
  t.match(fast.counted, { kind: 'patched', code: 'injected', revision: 'default' })
})

t.test('a patch that repeats the name of the token volume has the new one each time', async (t) => {
  // Holding the application puts the pod's own proxy first, so that it is written anew with its mounts.
  const found = ways({ mesh: 'defaultConfig: {holdApplicationUntilProxyStarts: true}' })
  askTimes(t, found, 2, { ownProxy: true })
  t.equal(askTimes(t, found, 3, { ownProxy: true }), 0)
  const { fast } = found.ask(review({ suffix: 'abcde', ownProxy: true }))
  const { patch }: { patch: string } = JSON.parse(fast.body).response
  t.match(Buffer.from(patch, 'base64').toString(), /kube-api-access-abcde/)
})

t.test('what was refused or skipped is remembered too, faults are not', async (t) => {
  const found = ways()
  for (const sketch of [
    { labels: { 'sidecar.istio.io/inject': 'false' } },
    { annotations: { 'sidecar.istio.io/proxyCPU': 'much', 'status.sidecar.istio.io/port': 'x' } },
  ]) {
    askTimes(t, found, 2, sketch)
    t.equal(askTimes(t, found, 3, sketch), 0)
  }
  const broken = ways(
    {},
    { revisions: new Map([['default', { name: 'default', namespace: 'x', config: undefined }]]) },
  )
  t.equal(askTimes(t, broken, 4), 4)
})

t.test('what could tell one pod from the next is asked each time', async (t) => {
  const named = { suffix: 'x7k2p' }
  for (const [why, sketch, revisionSketch] of [
    ['the suffix stands elsewhere', { ...named, hostname: 'kube-api-access-x7k2p' }, {}],
    ['and is hidden by escapes', { ...named, annotations: { a: '"\\u006bube-api-access-x7k2p"' } }, {}],
    ['on a node', { spec: { nodeName: 'n1' } }, {}],
    ['templates read volumes', {}, { templates: { sidecar: '{{ $x := .Spec.Volumes }}{}' } }],
    ['templates read the clock', {}, { templates: { sidecar: '{{ $x := now }}{}' } }],
    ['templates read chance', {}, { templates: { sidecar: '{{ $x := randNumeric 3 }}{}' } }],
  ] as const) {
    const found = ways(revisionSketch)
    t.equal(askTimes(t, found, 4, sketch) >= 4, true, why)
    t.equal(found.remembered.counts.hits, 0, why)
  }
})

t.test('without a token volume, templates may read volumes', async (t) => {
  const found = ways({ templates: { sidecar: '{{ $x := .Spec.Volumes }}{}' } })
  const spec = { volumes: [{ name: 'data' }], containers: [{ name: 'web', image: 'i' }] }
  askTimes(t, found, 2, { spec })
  t.equal(askTimes(t, found, 2, { spec }), 0)
})

t.test('a second UID in the text, whichever counts, is answered as before', async (t) => {
  const found = ways()
  const twice = (uid: string) =>
    review({ uid }).replace('"namespace":"shop"', '"namespace":"shop","uid":"fixed"')
  for (const uid of ['fixed', 'fixed', 'fixed', 'other', 'fixed', 'more']) {
    const { plain, fast } = found.ask(twice(uid))
    t.same(fast, plain)
    t.equal(JSON.parse(fast.body).response.uid, 'fixed')
  }
})

t.test('URL and content type take part', async (t) => {
  const found = ways()
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

t.test('bytes that are no UTF-8 are not taken for those that are', async (t) => {
  const found = ways()
  const good = Buffer.from(review({ hostname: '\ufffd\ufffd' }))
  const bad = Buffer.from(review({ hostname: '??' }))
  bad.fill(0xff, bad.indexOf('??'), bad.indexOf('??') + 2)
  for (let i = 0; i < 3; i++) {
    for (const body of [good, bad, good.subarray(0, good.length - 3)]) {
      const { plain, fast } = found.ask(body)
      t.same(fast, plain)
    }
  }
  t.equal(found.remembered.counts.entries, 2)
})

t.test('reviews beyond what a text is hashed by are remembered as well', async (t) => {
  const found = ways()
  const large = (value: string) => ({ annotations: { large: value.repeat(20_000) } })
  askTimes(t, found, 2, large('a'))
  t.equal(askTimes(t, found, 2, large('a')), 0)
  t.equal(askTimes(t, found, 1, large('b')), 2, 'another text of that name is tried at once')
})

t.test('a new snapshot keeps what depends on nothing that changed', async (t) => {
  const found = ways()
  askTimes(t, found, 3)
  const { snapshot } = found
  const facts = { labels: new Map(), annotations: new Map() }
  found.snapshot = { ...snapshot, namespaces: new Map([...snapshot.namespaces, ['other', facts]]) }
  t.equal(askTimes(t, found, 1), 0, 'another namespace')
  found.snapshot = { ...snapshot, nodes: new Map([...snapshot.nodes, ['n2', 'v1.33.1']]) }
  t.equal(askTimes(t, found, 1), 0, 'another node of the same version')

  found.snapshot = { ...snapshot, namespaces: new Map([['shop', facts]]) }
  t.equal(askTimes(t, found, 1), 2, 'its namespace')
  found.snapshot = { ...found.snapshot, tags: new Map([['prod', 'default']]) }
  t.equal(askTimes(t, found, 1), 2, 'tags')
  const config = revision({ templates: proxy('    args: [new]\n') })
  found.snapshot = { ...found.snapshot, revisions: snapshotOf(config).revisions }
  t.equal(found.remembered.counts.entries, 1, 'nothing is dropped before somebody asks')
  t.equal(askTimes(t, found, 1), 2, 'its configuration')
  const { fast } = found.ask(review())
  const { patch }: { patch: string } = JSON.parse(fast.body).response
  t.match(Buffer.from(patch, 'base64').toString(), /"args":\["new"\]/)
})

t.test('while reviews are recorded the core is asked, because that is what is recorded', async (t) => {
  const found = ways()
  askTimes(t, found, 3)
  found.recording = true
  t.equal(askTimes(t, found, 3), 3)
  found.recording = false
  t.equal(askTimes(t, found, 3), 0)
})

t.test('a defect that only the trial meets fails nobody', async (t) => {
  let calls = 0
  const snapshot = snapshotOf(revision())
  const found = twoWays(snapshot, {
    core() {
      calls++
      // The plain handler's and the other's first and second review; then the trial.
      if (calls === 5) throw new Error('a defect')
      return { kind: 'skipped', code: 'no-labels', notes: [] }
    },
  })
  for (let i = 0; i < 4; i++) {
    const { plain, fast } = found.ask(review({ uid: `u-${i}` }))
    t.same(fast, plain)
  }
  t.equal(found.remembered.counts.hits, 0)
})

t.test('an outcome that differs in the trial is not remembered', async (t) => {
  let calls = 0
  const found = twoWays(snapshotOf(revision()), {
    core: () => ({
      kind: 'skipped',
      code: 'no-labels',
      // As if it were read from somewhere that nobody thought of.
      notes: calls++ % 2 === 0 ? [] : [{ code: 'dns-policy', message: 'now and then' }],
    }),
  })
  for (let i = 0; i < 4; i++) found.ask(review({ uid: `u-${i}` }))
  t.equal(found.remembered.counts.hits, 0)
})

t.test('pods of one name that differ otherwise each time are tried a few times only', async (t) => {
  const found = ways()
  const asked = Array.from({ length: 12 }, (_, i) => askTimes(t, found, 1, { hostname: `h${i}` }))
  t.same(asked, [1, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1], 'a trial asks the core once more')
  t.equal(found.remembered.counts.entries, 4)
})

t.test('many workloads in turn stay within the bounds', async (t) => {
  const found = twoWays(snapshotOf(revision({ templates: proxy() })), { maxBytes: 200_000, maxEntries: 20 })
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 60; i++) {
      const { plain, fast } = found.ask(review({ uid: `u-${round}-${i}`, generateName: `web-${i}-` }))
      t.same(fast, plain)
      const { entries, bytes } = found.remembered.counts
      t.ok(entries <= 20 && bytes <= 200_000)
    }
  }
  t.ok(found.remembered.counts.evictions > 0)
})
