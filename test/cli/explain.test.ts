import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { runCli } from '../../src/cli/index.ts'
import { exampleWithMistakes } from '../example-cluster.ts'

const examples = resolve(import.meta.dirname, '../../examples/canary-upgrade')
const cluster = exampleWithMistakes()

async function remora(
  args: readonly string[],
  more: { stdin?: string; terminal?: boolean; env?: object } = {},
) {
  let [out, err] = ['', '']
  const code = await runCli(args, {
    env: { COLUMNS: '100000', ...more.env },
    ...(more.terminal === undefined ? {} : { terminal: more.terminal }),
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    readStdin: async () => more.stdin ?? '',
  })
  return { code, out, err }
}

const explain = (args: readonly string[], more = {}) =>
  remora(['explain', ...args, '--cluster', cluster], more)

const pod = (namespace: string, metadata = '', spec = '') => `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: ${namespace}${metadata}}
spec: {containers: [{name: web, image: web:1}]${spec}}
`

/** The example's cluster with further objects; pods are injected as that cluster does it, unless they say not to be. */
async function clusterWith(t: { testdir(): string }, manifests: readonly string[], injected = '') {
  const folder = t.testdir()
  cpSync(cluster, folder, { recursive: true })
  const ready =
    injected === ''
      ? ''
      : (await remora(['inject', '-f', '-', '--cluster', cluster], { stdin: injected })).out
  writeFileSync(join(folder, 'workloads.yaml'), `${ready}${manifests.join('---\n')}`)
  return folder
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: payments}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web:1}]}}}
`
const OWNED = `, generateName: web-1-, labels: {pod-template-hash: '1'}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, controller: true}]`

t.test('explain shows which webhooks are called by which label, and every rule with its value', async (t) => {
  const { code, out, err } = await explain([
    '-f',
    join(examples, 'reviews/12-migrating-orders-deployment.json'),
    '--all',
  ])
  t.equal(err, '')
  t.equal(code, 1)
  t.match(
    out,
    / {2}yes {2}istio-sidecar-injector\/namespace: calls istiod at istiod\.istio-system\.svc\/inject/,
  )
  t.match(
    out,
    / {2}no {3}istio-sidecar-injector-canary\/rev\.namespace\n.*istio-injection is "enabled" \(must be absent\)/,
  )
  t.match(out, / {2}no {3}rule rev\.namespace\n/)
  t.match(out, /serves canary \(namespace label istio\.io\/rev\), a revision/)
  t.match(out, /policy of the injector configuration: enabled: inject {2}<- decides/)
  t.match(
    out,
    /^Pod migrating\/\S+: a new pod gets a sidecar of revision default; warning namespace-revision-ignored: .*\n {2}fix: /,
  )
  t.match(
    out,
    `  remove istio-injection from namespace migrating: revision canary, affects all pods of migrating
    kubectl label namespace migrating istio-injection-
    kubectl rollout restart deployment/orders -n migrating
    to roll back:
    kubectl label namespace migrating istio-injection=enabled
    kubectl rollout restart deployment/orders -n migrating
`,
  )
  t.notMatch(out, '\u001b')
})

t.test(
  'explain prints the verdict, what would change it, and the matching conditions of each stage',
  async (t) => {
    const { code, out } = await explain(['-f', '-'], { stdin: pod('payments') })
    t.equal(code, 0)
    const lines = out.split('\n')
    t.equal(lines[0], 'Pod payments/web: a new pod gets a sidecar of revision canary; no problem found')
    const titles = lines.filter((line) => /^[A-Z]/.test(line)).slice(1)
    t.match(titles, ['What would change the decision', /^Webhooks/, 'Decision', 'Result'])
    t.match(out, /\n {2}no {3}\d+ other webhooks do not match \(--all shows why\)\n/)
    t.match(out, /\n {2}no {3}4 other rules do not match \(--all shows why\)\n/)
    t.notMatch(out, /no decision|must be absent\)\n.*must be absent\)\n.*must be absent/)
    const uncalled = await explain(['-f', '-'], { stdin: pod('tools') })
    t.match(uncalled.out, /^Pod tools\/web: a new pod gets no sidecar \(no-labels\); no problem found\n/)
    t.match(
      uncalled.out,
      / {2}no {3}istio-sidecar-injector-canary\/rev\.namespace\n {9}namespace label istio\.io\/rev is absent/,
      'the failing conditions are the reason',
    )
  },
)

t.test('each change has its command and the command that reverts it', async (t) => {
  const template =
    'template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web:1}]}}'
  const workload = (apiVersion: string, kind: string, spec: string) =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web, namespace: tools}\nspec: {${spec}}\n`
  const patch = (path: string, value: string, end: string) =>
    `${path}{"metadata":{"labels":{"istio.io/rev":${value}}}}${end}`
  const cases = [
    [
      workload('apps/v1', 'Deployment', template),
      `kubectl patch deployment web -n tools -p '${patch('{"spec":{"template":', '"canary"', '}}')}'`,
      `kubectl patch deployment web -n tools -p '${patch('{"spec":{"template":', 'null', '}}')}'`,
    ],
    [
      workload('batch/v1', 'CronJob', `jobTemplate: {spec: {${template}}}`),
      `kubectl patch cronjob web -n tools -p '${patch('{"spec":{"jobTemplate":{"spec":{"template":', '"canary"', '}}}}')}'`,
      '# its next Job gets the new sidecar',
    ],
    [
      workload('argoproj.io/v1alpha1', 'Rollout', template),
      `kubectl patch rollout.argoproj.io web -n tools --type=merge -p '${patch('{"spec":{"template":', '"canary"', '}}')}'`,
      `kubectl patch rollout.argoproj.io web -n tools --type=merge -p '${patch('{"spec":{"template":', 'null', '}}')}'`,
    ],
    [
      workload('batch/v1', 'Job', template),
      '# create Job tools/web again from its manifest, with istio.io/rev=canary',
      '# create Job tools/web again from its manifest, without istio.io/rev',
    ],
    [
      pod('tools'),
      '# create Pod tools/web again from its manifest, with istio.io/rev=canary',
      '# create Pod tools/web again from its manifest, without istio.io/rev',
    ],
  ] as const
  const { out } = await explain(['-f', '-', '-o', 'json'], {
    stdin: cases.map(([manifest]) => manifest).join('---\n'),
  })
  const found: readonly {
    readonly alternatives: readonly { gives: string; affects: string; make: string[]; rollBack: string[] }[]
  }[] = JSON.parse(out)
  for (const [index, [, make, rollBack]] of cases.entries()) {
    const one = found[index]?.alternatives.find(({ gives }) => gives === 'canary')
    t.equal(one?.affects, 'pod')
    t.equal(one?.make[0], make)
    t.ok(one?.rollBack.includes(rollBack), rollBack)
  }
})

t.test(
  'a label with an unknown revision calls no webhook and is reported as revision-not-installed',
  async (t) => {
    const { code, out } = await explain(['-f', '-'], { stdin: pod('stranded') })
    t.equal(code, 1)
    t.match(out, /no webhook is called: the pod starts without injection/)
    t.match(out, / {2}revision-not-installed: /)
    t.match(out, /canary-old.*names no revision or tag/)
    t.match(
      out,
      /remove istio\.io\/rev from namespace stranded and set label istio\.io\/rev=canary on the pod: revision canary/,
    )
  },
)

t.test('a pod without a sidecar is not necessarily a problem', async (t) => {
  const cases = [
    [pod('tools'), 'no-labels'],
    [pod('test-ns', ", labels: {sidecar.istio.io/inject: 'false'}"), 'pod-opted-out'],
    [pod('test-ns', '', ', hostNetwork: true'), 'host-network'],
  ] as const
  for (const [stdin, expected] of cases) {
    const { code, out } = await explain(['-f', '-'], { stdin })
    t.match(out, `  ${expected}: `)
    t.equal(code, 0, expected)
  }
  const annotated = await explain(['-f', '-'], {
    stdin: pod('test-ns', ", annotations: {sidecar.istio.io/inject: 'false'}"),
  })
  t.match(annotated.out, / {2}inject-annotation-false: /)
  t.match(annotated.out, /; warning annotation-deprecated: /)
  t.equal(annotated.code, 1, 'the annotation is a warning')
  const refused = await explain(['-f', '-'], {
    stdin: pod('test-ns', ', annotations: {status.sidecar.istio.io/port: nine}'),
  })
  t.equal(refused.code, 1)
  t.match(refused.out, /annotation-invalid: .*nine/)
})

t.test('for a running pod explain shows its sidecar and that a restart changes nothing', async (t) => {
  const folder = await clusterWith(t, [DEPLOYMENT], pod('payments', OWNED))
  const { code, out } = await remora(['explain', 'pod', 'payments/web', '--cluster', folder])
  t.equal(code, 0)
  t.match(out, /revision {11}canary\n/)
  t.match(out, /discovery address {2}istiod-canary\.istio-system\.svc:15012 \(PROXY_CONFIG\)/)
  t.match(out, /control plane {6}Service istio-system\/istiod-canary exists/)
  t.match(out, /restart {12}changes none of these/)
  t.match(out, /a new pod of Deployment payments\/web/)
  t.ok(out.indexOf('Current sidecar') < out.indexOf('Webhooks that the API server calls'))
  const deployment = await remora(['explain', 'deploy', 'web', '-n', 'payments', '--cluster', folder])
  t.equal(deployment.code, 0)
  t.match(
    deployment.out,
    /^Deployment payments\/web: a new pod gets a sidecar of revision canary; no problem found\n/,
  )
})

t.test('explain reports a pod whose namespace has moved, and one whose istiod is gone', async (t) => {
  const folder = await clusterWith(t, [], pod('payments'))
  const namespaces = join(folder, 'namespaces.yaml')
  const text = readFileSync(namespaces, 'utf8')
  writeFileSync(
    namespaces,
    text.replace(/(name: payments\n(?:.*\n)*? +istio\.io\/rev: )canary/, '$1prod-stable'),
  )
  const moved = await remora(['explain', 'po', 'payments/web', '--cluster', folder])
  t.equal(moved.code, 0, 'a new pod has no problem: the injection of the present one is undone first')
  t.match(moved.out, /create again {7}revision canary -> 1-29-2/)
  t.match(moved.out, /create again {7}discovery address istiod-canary\S+ -> istiod-1-29-2/)
  const planes = join(folder, 'control-plane-canary.yaml')
  writeFileSync(
    planes,
    readFileSync(planes, 'utf8').replace(
      /kind: Service\nmetadata:\n {2}name: istiod-canary\n/,
      'kind: Service\nmetadata:\n  name: other\n',
    ),
  )
  const gone = await remora(['explain', 'pod', 'payments/web', '--cluster', folder])
  t.match(gone.out, /control plane {6}missing: there is no Service istio-system\/istiod-canary/)
  const json = await remora(['explain', 'pod', 'payments/web', '-o', 'json', '--cluster', folder])
  t.equal(json.code, 1)
  t.match(JSON.parse(json.out), {
    subject: 'Pod payments/web',
    ok: false,
    has: {
      sidecar: { revision: 'canary', discoveryFrom: 'PROXY_CONFIG' },
      controlPlane: { state: 'gone' },
      restartChanges: [{ what: 'revision', now: 'canary', next: '1-29-2' }],
    },
    decision: { revision: '1-29-2', tag: 'prod-stable' },
    // The pod is bare: a new one comes from its manifest.
    result: { code: 'injected' },
  })
})

t.test('a pod that would be refused today is not reported as unchanged', async (t) => {
  const refused = pod('payments', ', annotations: {status.sidecar.istio.io/port: nine}')
  const folder = await clusterWith(t, [refused])
  const { code, out } = await remora(['explain', 'pod', 'payments/web', '--cluster', folder])
  t.equal(code, 1)
  t.match(out, /create again {7}not compared: /)
})

t.test('for a namespace explain prints one line per pod', async (t) => {
  const bare = `${pod('test-ns').replace('name: web,', 'name: bare,')}status: {phase: Running}\n`
  const done = `${pod('test-ns').replace('name: web,', 'name: done,')}status: {phase: Succeeded}\n`
  const folder = await clusterWith(t, [bare, done], pod('test-ns'))
  const { code, out } = await remora(['explain', 'namespace', 'test-ns', '--cluster', folder])
  t.equal(code, 1)
  t.match(out, /^Namespace test-ns\n {2}labels {9}istio-injection=enabled\n/)
  t.match(out, /\nweb +default +default +ok\n/)
  t.match(out, /\nbare +no sidecar +default +create again: sidecar none -> default\n/)
  t.notMatch(out, /done/)
  const json = await remora(['explain', 'ns', 'test-ns', '-o', 'json', '--cluster', folder])
  t.match(JSON.parse(json.out), { namespace: 'test-ns', ok: false, pods: [{}, {}] })
})

t.test('a namespace whose label matches no webhook is reported', async (t) => {
  const { code, out } = await explain(['namespace', 'stranded'])
  t.equal(code, 1)
  t.match(out, /istio\.io\/rev=canary-old names no revision or tag/)
  t.equal((await explain(['namespace', 'tools'])).code, 0)
})

t.test('--fields shows the source of each field and which overrides are kept', async (t) => {
  const spec =
    "annotations: {sidecar.istio.io/logLevel: trace, sidecar.istio.io/rewriteAppHTTPProbers: 'false'}"
  const probe = '{name: p, image: p, readinessProbe: {httpGet: {port: 80, path: /x}}}'
  const stdin = pod('test-ns', `, ${spec}`).replace(
    'image: web:1}',
    `image: web:1}, ${probe}, {name: istio-proxy, image: auto, workingDir: /mine}`,
  )
  const { out } = await explain(['-f', '-', '--fields'], { stdin })
  t.match(
    out,
    /args\[--proxyLogLevel\]: "--proxyLogLevel=trace"\n +pod annotation sidecar\.istio\.io\/logLevel; template sidecar, line \d+\n/,
  )
  t.match(out, /\d+ other fields are constants of the templates/)
  t.match(
    out,
    /spec\.containers\[p\]\.readinessProbe\.httpGet\.path would be "\/app-health\/p\/readyz" without pod annotation sidecar/,
  )
  t.match(out, /the pod's own istio-proxy: workingDir is kept: "\/mine"/)
  t.match(out, /the pod's own istio-proxy: image is replaced: "auto" -> "istio\/proxyv2/)
  const json = JSON.parse((await explain(['-f', '-', '--fields', '-o', 'json'], { stdin })).out)
  t.ok(json.provenance.fields.length > 50)
  const without = await explain(['-f', '-', '--fields'], { stdin: pod('tools') })
  t.notMatch(without.out, 'Origin of the fields')
})

t.test('for a code explain prints its row of the table', async (t) => {
  const { code, out } = await remora(['explain', 'overloaded'])
  t.equal(code, 0)
  t.match(
    out,
    /^overloaded\nKind: fault\nHTTP 429, status 429 TooManyRequests, Retry-After: 1\n\nThe server has reached/,
  )
  t.match(JSON.parse((await remora(['explain', 'no-labels', '-o', 'json'])).out), {
    code: 'no-labels',
    kind: 'skipped',
  })
})

t.test('output has colours only on a terminal without NO_COLOR', async (t) => {
  t.match((await remora(['explain', 'no-labels'], { terminal: true })).out, '\u001b[1mno-labels\u001b[0m')
  t.notMatch(
    (await remora(['explain', 'no-labels'], { terminal: true, env: { NO_COLOR: '1' } })).out,
    '\u001b',
  )
  t.match((await remora(['explain', 'no-labels'], { terminal: true, env: { NO_COLOR: '' } })).out, '\u001b')
})

t.test('invalid arguments and missing objects exit with 2 and a one-line message', async (t) => {
  const wrongs: readonly (readonly string[])[] = [
    [],
    ['bogus'],
    ['pod', 'a', 'b'],
    ['secret', 'a/b'],
    ['pod', 'test-ns/no-such-pod'],
    ['namespace', 'no-such-namespace'],
    ['-f', 'no-such-file.yaml'],
    ['no-labels', '-f', 'x'],
  ]
  for (const args of wrongs) {
    const { code, out, err } = await explain(args)
    t.equal(code, 2, args.join(' '))
    t.equal(out, '')
    t.match(err, /^remora: .+\n$/)
  }
  t.equal((await remora(['explain', 'pod', 'a/b', '--kubeconfig', 'no-such-file'])).code, 2)
  t.equal((await remora(['explain', 'pod', 'a/b', '--cluster', 'no-such-folder'])).code, 2)
  t.equal((await explain(['-f', '-'], { stdin: '# nothing\n' })).code, 2)
  t.match((await remora(['explain', '--help'])).out, /Usage: remora explain pod\/NAME/)
})

t.test('a file with a List and several documents is explained pod by pod', async (t) => {
  const list = `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: []}}\n- {apiVersion: v1, kind: ConfigMap}\n`
  const { out } = await explain(['-f', '-', '-n', 'tools', '-o', 'json'], {
    stdin: `${list}---\n${DEPLOYMENT}`,
  })
  t.match(JSON.parse(out), [{ subject: 'Pod tools/a' }, { subject: 'Deployment payments/web' }])
})

t.test(
  'a suggested change leaves no label on the namespace that check would report as ignored',
  async (t) => {
    const review = join(examples, 'reviews/08-payments-ledger-deployment.json')
    const { out } = await explain(['-f', review])
    t.match(out, /kubectl label namespace payments istio\.io\/rev=default --overwrite\n/)
    t.notMatch(out, /kubectl label namespace payments istio-injection=enabled\n/)
  },
)
