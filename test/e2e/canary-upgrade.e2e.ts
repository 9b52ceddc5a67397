/**
 * The canary upgrade of Istio's guides, with the real kubectl and helm against a real API server. Remora runs in
 * istio-system next to the istiods of `default` and `canary`, installed by its chart, and follows changes of labels,
 * tags and revisions.
 */
import t from 'tap'
import { runCommand } from '../cli/run-command.ts'
import { waitFor } from './harness/process.ts'
import { startStage } from './harness/stage.ts'
import {
  barePod,
  controlPlaneOf,
  controlPlanesOf,
  deployment,
  gatewayPod,
  type Labels,
  type PodSummary,
  podsOf,
  restart,
} from './harness/workloads.ts'

const DEFAULT = 'istiod.istio-system.svc:15012'
const CANARY = 'istiod-canary.istio-system.svc:15012'
const VALUES = [
  ...['--set-json', 'revisions=[{"name":"default","active":true},{"name":"canary","active":true}]'],
  ...['--set-json', 'tags=[{"name":"prod","revision":"canary","active":true}]'],
]

t.setTimeout(300_000)
const stage = await startStage()
t.teardown(() => stage.stop())
const { kubectl, helm, chart } = stage
t.comment(`revisions from ${stage.istio}`)

function namespace(name: string, labels: Labels = {}): void {
  kubectl.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
}

/** Lines of the API server's metrics. */
function samples(name: string): readonly string[] {
  return kubectl
    .run('get', '--raw', '/metrics')
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
}

/** Creates the pod; returns it and the standard error of kubectl. */
function create(pod: object): { pod: PodSummary; warnings: string } {
  const result = kubectl.tryWith(JSON.stringify(pod), 'create', '-o', 'json', '-f', '-')
  if (result.status !== 0) throw new Error(result.stderr)
  return { pod: JSON.parse(result.stdout), warnings: result.stderr }
}

/** The control plane of a new pod. */
function controlPlaneOfNew(pod: object): string {
  return controlPlaneOf(create(pod).pod)
}

/**
 * Changes the definition of a tag like `istioctl tag set NAME --revision REV --overwrite`, and waits until the server
 * follows.
 */
async function setTag(name: string, revision: string, controlPlane: string): Promise<void> {
  const selector = `istio.io/tag=${name}`
  const kinds = 'mutatingwebhookconfigurations,services'
  kubectl.run('label', kinds, '-n', 'istio-system', '-l', selector, '--overwrite', `istio.io/rev=${revision}`)
  const pod = JSON.stringify(barePod('plain', 'asking', { 'istio.io/rev': name }))
  await waitFor(`the tag ${name} at ${controlPlane}`, () => {
    const asked = kubectl.runWith(pod, 'create', '--dry-run=server', '-o', 'json', '-f', '-')
    return controlPlaneOf(JSON.parse(asked)) === controlPlane ? true : undefined
  })
}

t.test('Remora is installed by helm beside both istiods and becomes ready', async (t) => {
  const notes = helm.run(
    'install',
    'remora',
    chart,
    '-n',
    'istio-system',
    ...VALUES,
    '--wait',
    '--timeout=60s',
  )
  t.match(notes, /remora-revision-tag-prod +tag prod \(canary\) +active/)
  t.equal(podsOf(kubectl, 'istio-system', 'app.kubernetes.io/name=remora').length, 2)
})

t.test('kubectl get mutatingwebhookconfigurations shows one for each revision and tag', async (t) => {
  const names = kubectl.run('get', 'mutatingwebhookconfigurations', '-o', 'name').trim().split('\n')
  const ours = names.map((name) => name.split('/')[1]).filter((name) => name?.startsWith('remora-'))
  t.strictSame(ours, [
    'remora-revision-tag-prod',
    'remora-sidecar-injector',
    'remora-sidecar-injector-canary',
  ])
})

t.test('helm test sends a review to every registered path', async (t) => {
  helm.run('test', 'remora', '-n', 'istio-system', '--timeout=60s')
  const said = stage.podLogs('remora-test')
  for (const path of ['/revisions/default/inject', '/revisions/canary/inject', '/tags/prod/inject'])
    t.match(said, new RegExp(`ok .*${path}: a patch of`))
})

t.test('a namespace with istio-injection=enabled gets the default revision', async (t) => {
  namespace('test-ns', { 'istio-injection': 'enabled' })
  kubectl.apply(deployment('test-ns', 'web', 2), deployment('test-ns', 'api', 1))
  kubectl.run('rollout', 'status', 'deployment', '-n', 'test-ns', '--timeout=60s')
  t.equal(podsOf(kubectl, 'test-ns').length, 3)
  t.strictSame(controlPlanesOf(kubectl, 'test-ns'), [DEFAULT])
})

t.test('--dry-run=server: Remora is called again for the injected pod, and the verdict stays', async (t) => {
  const live = ['--cluster', 'live', '--kubeconfig', stage.plane.kubeconfig, '--dry-run=server']
  const explain = (name: string) => runCommand('explain', `deployment/${name}`, '-n', 'test-ns', ...live)
  t.match((await explain('web')).err, /by the API server: 1 accepted, 0 refused, 0 not judged/)
  t.match(
    (await runCommand('check', '--revision', 'canary', ...live)).err,
    /[1-9]\d* accepted, 0 refused, 0 not judged/,
    'another revision than that of the webhook that is called',
  )
  const annotations = { 'sidecar.istio.io/proxyCPU': '3', 'sidecar.istio.io/proxyCPULimit': '1' }
  kubectl.apply(deployment('test-ns', 'greedy', 0))
  const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } })
  kubectl.run('patch', 'deployment', 'greedy', '-n', 'test-ns', '-p', patch)
  t.match(await explain('greedy'), {
    code: 1,
    out: /error api-server-refuses-pod: [^\n]*container istio-proxy: Invalid value: "3": must be less than or equal/,
  })
  kubectl.run('delete', 'deployment', 'greedy', '-n', 'test-ns')
})

t.test('kubectl label namespace test-ns istio-injection- istio.io/rev=canary changes no pod', async (t) => {
  const before = podsOf(kubectl, 'test-ns')
  kubectl.run('label', 'namespace', 'test-ns', 'istio-injection-', 'istio.io/rev=canary')
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const uids = (pods: readonly PodSummary[]): string[] => pods.map(({ metadata }) => metadata.uid).toSorted()
  t.strictSame(uids(podsOf(kubectl, 'test-ns')), uids(before))
  t.strictSame(controlPlanesOf(kubectl, 'test-ns'), [DEFAULT])
})

t.test('after kubectl rollout restart the new pods use istiod-canary', async (t) => {
  await restart(kubectl, 'test-ns')
  t.equal(podsOf(kubectl, 'test-ns').length, 3)
  t.strictSame(controlPlanesOf(kubectl, 'test-ns'), [CANARY])
})

t.test('Deployments move one at a time: a restart of web does not change api', async (t) => {
  kubectl.run('label', 'namespace', 'test-ns', 'istio.io/rev-', 'istio-injection=enabled')
  await restart(kubectl, 'test-ns', 'web')
  t.strictSame(controlPlanesOf(kubectl, 'test-ns', 'app=web'), [DEFAULT])
  t.strictSame(controlPlanesOf(kubectl, 'test-ns', 'app=api'), [CANARY])
})

t.test('after the label is changed back, restarted pods use istiod again', async (t) => {
  await restart(kubectl, 'test-ns')
  t.strictSame(controlPlanesOf(kubectl, 'test-ns'), [DEFAULT])
})

t.test('with both labels the legacy one takes precedence, and kubectl prints a warning', async (t) => {
  namespace('both', { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' })
  const { pod, warnings } = create(barePod('both', 'confused'))
  t.equal(controlPlaneOf(pod), DEFAULT)
  t.match(warnings, /^Warning: .*istio-injection/m)
  t.match(warnings, /^Warning: .*istio\.io\/rev/m)
})

t.test('a pod in a namespace with an unknown revision starts without a sidecar', async (t) => {
  namespace('stranded', { 'istio.io/rev': 'canary-old' })
  // No webhook matches it, so the API server calls none.
  t.equal(controlPlaneOfNew(barePod('stranded', 'alone')), 'no sidecar')
})

t.test('pods can choose their revision with their own labels', async (t) => {
  namespace('plain')
  t.equal(controlPlaneOfNew(barePod('plain', 'unasked')), 'no sidecar')
  t.equal(controlPlaneOfNew(barePod('plain', 'pinned', { 'istio.io/rev': 'canary' })), CANARY)
  t.equal(controlPlaneOfNew(barePod('plain', 'pinned-tag', { 'istio.io/rev': 'prod' })), CANARY)
  t.equal(controlPlaneOfNew(barePod('plain', 'asked', { 'sidecar.istio.io/inject': 'true' })), DEFAULT)
  const out = { 'sidecar.istio.io/inject': 'false' }
  t.equal(controlPlaneOfNew(barePod('test-ns', 'opted-out', out)), 'no sidecar')
})

t.test('pods follow a tag when it is moved and moved back', async (t) => {
  namespace('tagged', { 'istio.io/rev': 'prod' })
  kubectl.apply(deployment('tagged', 'shop', 2))
  kubectl.run('rollout', 'status', 'deployment', '-n', 'tagged', '--timeout=60s')
  t.strictSame(controlPlanesOf(kubectl, 'tagged'), [CANARY])
  await setTag('prod', 'default', DEFAULT)
  t.strictSame(controlPlanesOf(kubectl, 'tagged'), [CANARY], 'pods that run stay')
  await restart(kubectl, 'tagged')
  t.strictSame(controlPlanesOf(kubectl, 'tagged'), [DEFAULT])
  await setTag('prod', 'canary', CANARY)
  await restart(kubectl, 'tagged')
  t.strictSame(controlPlanesOf(kubectl, 'tagged'), [CANARY])
})

t.test('gateways in istio-system are injected', async (t) => {
  const { pod } = create(gatewayPod('istio-system', 'gateway'))
  t.equal(controlPlaneOf(pod), DEFAULT)
  t.not(pod.spec.containers[0]?.image, 'auto')
  t.equal(pod.spec.containers.length, 1)
  const canary = gatewayPod('istio-system', 'gateway-canary', { 'istio.io/rev': 'canary' })
  t.equal(controlPlaneOfNew(canary), CANARY)
})

t.test('the old revision can be removed while Remora runs', async (t) => {
  for (const name of ['test-ns', 'both'])
    kubectl.run('label', 'namespace', name, 'istio-injection-', 'istio.io/rev=canary', '--overwrite')
  await restart(kubectl, 'test-ns')
  const kinds = 'deployments,services,configmaps,horizontalpodautoscalers'
  kubectl.run('delete', kinds, '-n', 'istio-system', '-l', 'istio.io/rev=default', '--wait=false')
  kubectl.run('delete', 'mutatingwebhookconfigurations', '-l', 'istio.io/rev=default')
  namespace('late', { 'istio-injection': 'enabled' })
  const refusal = await waitFor('the revision to be missed', () => {
    const name = `late-${Date.now()}`
    const result = kubectl.tryWith(JSON.stringify(barePod('late', name)), 'create', '-f', '-')
    return result.status === 0 ? undefined : result.stderr
  })
  t.match(
    refusal,
    /failed calling webhook "namespace\.sidecar-injector\.istio\.io": failed to call webhook: there is no revision "default"; known revisions: canary/,
    'kubectl prints the reason, and no time-out',
  )
  t.match(refusal, /\[revision-unknown\]/)
  const webhook = 'name="namespace.sidecar-injector.istio.io"'
  t.match(
    samples('apiserver_admission_webhook_rejection_count').filter((line) => line.includes(webhook)),
    [/error_type="calling_webhook_error".*rejection_code="503"/],
    'as the alert asks for it',
  )
  const ignore = JSON.stringify([{ op: 'replace', path: '/webhooks/2/failurePolicy', value: 'Ignore' }])
  kubectl.run('patch', 'mutatingwebhookconfiguration', 'remora-sidecar-injector', '--type=json', '-p', ignore)
  await waitFor('failurePolicy to decide', () => {
    const pod = JSON.stringify(barePod('late', `ignored-${Date.now()}`))
    return kubectl.tryWith(pod, 'create', '-f', '-').status === 0 || undefined
  })
  t.ok(
    samples('apiserver_admission_webhook_fail_open_count').some((line) => line.includes(webhook)),
    'as the other alert asks for it',
  )
  t.match(stage.podLogs('istio-system-remora'), /"code":"revision-unknown"/)
  t.equal(controlPlaneOfNew(barePod('test-ns', 'after')), CANARY)
  t.equal(controlPlaneOfNew(barePod('tagged', 'after')), CANARY)
  t.equal(podsOf(kubectl, 'istio-system', 'app.kubernetes.io/name=remora').length, 2)
  t.notMatch(stage.nodeLog(), /ended by itself/)
})

t.test('after its registration is removed from the values, no webhook calls it', async (t) => {
  helm.run(
    ...['upgrade', 'remora', chart, '-n', 'istio-system', '--wait', '--timeout=60s'],
    ...['--set-json', 'revisions=[{"name":"canary","active":true}]'],
    ...['--set-json', 'tags=[{"name":"prod","revision":"canary","active":true}]'],
  )
  t.not(kubectl.try('get', 'mutatingwebhookconfiguration', 'remora-sidecar-injector').status, 0)
  t.equal(controlPlaneOfNew(barePod('late', 'unserved')), 'no sidecar')
  t.equal(controlPlaneOfNew(barePod('test-ns', 'still-served')), CANARY)
})
