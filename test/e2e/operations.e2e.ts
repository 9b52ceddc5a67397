/**
 * What is done to Remora itself while the cluster needs it: scaled to nothing and back, applied by somebody else,
 * upgraded, rolled back and uninstalled. It stands in istio-system with failurePolicy Fail: the hardest place, since
 * nothing may wait for itself.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { waitFor } from './harness/process.ts'
import { startStage } from './harness/stage.ts'
import {
  barePod,
  controlPlaneOf,
  controlPlanesOf,
  deployment,
  type PodSummary,
  podsOf,
  restart,
} from './harness/workloads.ts'

const DEFAULT = 'istiod.istio-system.svc:15012'
const OURS = 'app.kubernetes.io/name=remora'
const RELEASE = ['remora', '-n', 'istio-system'] as const
const VALUES = ['--set-json', 'revisions=[{"name":"default","active":true},{"name":"canary","active":true}]']

t.setTimeout(300_000)
const stage = await startStage()
t.teardown(() => stage.stop())
const { kubectl, helm, chart } = stage

let created = 0

/** A new pod in the labelled namespace: what it is pointed at, or why there is none. */
function tryPod(): { controlPlane: string; pod?: PodSummary; refusal?: string } {
  created += 1
  const pod = JSON.stringify(barePod('shop', `pod-${created}`))
  const result = kubectl.tryWith(pod, 'create', '-o', 'json', '-f', '-')
  if (result.status !== 0) return { controlPlane: '', refusal: result.stderr }
  const parsed = JSON.parse(result.stdout) as PodSummary
  return { controlPlane: controlPlaneOf(parsed), pod: parsed }
}

function remoraPods(): readonly string[] {
  return podsOf(kubectl, 'istio-system', OURS).map(({ metadata }) => metadata.name)
}

/** Creates pods one after the other until the processes of all these pods have ended; gives what came of each. */
async function podsUntilEnded(names: readonly string[]): Promise<readonly ReturnType<typeof tryPod>[]> {
  const results: ReturnType<typeof tryPod>[] = []
  await waitFor(
    `the end of ${names.join(', ')}`,
    () => {
      results.push(tryPod())
      const log = stage.nodeLog()
      return names.every((name) => log.includes(`${name}: ended`)) ? true : undefined
    },
    60_000,
  )
  return results
}

t.test('installed in istio-system, serving a labelled namespace', async (t) => {
  helm.run('install', ...RELEASE, chart, ...VALUES, '--wait', '--timeout=60s')
  kubectl.run('create', 'namespace', 'shop')
  kubectl.run('label', 'namespace', 'shop', 'istio-injection=enabled')
  t.equal(tryPod().controlPlane, DEFAULT)
})

t.test(
  'a second server-side apply of the same render, by another manager: no difference, no conflict',
  async (t) => {
    const manifest = helm.run('get', 'manifest', ...RELEASE)
    const apply = (...more: string[]) =>
      kubectl.tryWith(manifest, ...more, '--server-side', '--field-manager=gitops', '-f', '-')
    const difference = apply('diff')
    t.same({ status: difference.status, text: difference.stdout }, { status: 0, text: '' }, difference.stderr)
    const applied = apply('apply')
    t.equal(applied.status, 0, applied.stderr)
    await sleep(500)
    const filled = kubectl.run(
      ...['get', 'mutatingwebhookconfiguration', 'remora-sidecar-injector'],
      ...['-o', 'jsonpath={.webhooks[*].clientConfig.caBundle}'],
    )
    t.equal(filled.split(' ').filter((bundle) => bundle !== '').length, 4, 'its caBundles stay')
    t.equal(tryPod().controlPlane, DEFAULT)
  },
)

t.test('scaled to zero: pods wait, as failurePolicy Fail says', async (t) => {
  const names = remoraPods()
  kubectl.run('scale', 'deployment', ...RELEASE, '--replicas=0')
  await podsUntilEnded(names)
  t.match(tryPod().refusal, /failed calling webhook .*connection refused/s)
  kubectl.apply(deployment('shop', 'waiting', 2))
  await waitFor('the ReplicaSet to tell of it', () =>
    /FailedCreate/.test(kubectl.run('get', 'events', '-n', 'shop')) ? true : undefined,
  )
  t.strictSame(controlPlanesOf(kubectl, 'shop', 'app=waiting'), [])
})

t.test('and back: its own pods need nobody, and those that waited come with their sidecars', async (t) => {
  kubectl.run('scale', 'deployment', ...RELEASE, '--replicas=2')
  kubectl.run('rollout', 'status', 'deployment', ...RELEASE, '--timeout=60s')
  t.equal(tryPod().controlPlane, DEFAULT)
  // The ReplicaSet controller tries again in growing intervals.
  kubectl.run('rollout', 'status', 'deployment/waiting', '-n', 'shop', '--timeout=90s')
  t.strictSame(controlPlanesOf(kubectl, 'shop', 'app=waiting'), [DEFAULT])
})

t.test('helm upgrade under load: no pod without its sidecar, none refused', async (t) => {
  const names = remoraPods()
  helm.run('upgrade', ...RELEASE, chart, ...VALUES, '--set', 'server.labelRevision=true')
  const results = await podsUntilEnded(names)
  t.comment(`${results.length} pods were created meanwhile`)
  t.strictSame(
    results.filter(({ controlPlane }) => controlPlane !== DEFAULT),
    [],
  )
  kubectl.run('rollout', 'status', 'deployment', ...RELEASE, '--timeout=60s')
  t.notMatch(stage.nodeLog(), /ended by itself/)
})

t.test('kubectl get pods -l istio.io/rev=default finds what the upgraded server labelled', async (t) => {
  const { pod } = tryPod()
  const found = podsOf(kubectl, 'shop', 'istio.io/rev=default').map(({ metadata }) => metadata.name)
  t.ok(pod !== undefined && found.includes(pod.metadata.name))
})

t.test('helm rollback under load: the first release serves again', async (t) => {
  const names = remoraPods()
  helm.run('rollback', 'remora', '1', '-n', 'istio-system')
  const results = await podsUntilEnded(names)
  t.strictSame(
    results.filter(({ controlPlane }) => controlPlane !== DEFAULT),
    [],
  )
  kubectl.run('rollout', 'status', 'deployment', ...RELEASE, '--timeout=60s')
  const { pod } = tryPod()
  t.equal(pod?.metadata.labels?.['istio.io/rev'], undefined)
  t.match(helm.run('history', ...RELEASE), /Rollback to 1/)
})

t.test('an API server that is gone for a while: Remora stays ready and goes on', async (t) => {
  const names = remoraPods()
  await stage.plane.restartApiServer(2_000)
  await waitFor('a pod to be injected', () => (tryPod().controlPlane === DEFAULT ? true : undefined))
  await restart(kubectl, 'shop')
  t.strictSame(remoraPods(), names)
  t.notMatch(stage.nodeLog(), /ended by itself/)
  for (const name of names) t.notOk(stage.nodeLog().includes(`${name}: ending`))
})

t.test('helm uninstall: nothing of it is left, and pods of a labelled namespace are created', async (t) => {
  helm.run('uninstall', ...RELEASE, '--wait', '--timeout=60s')
  t.equal(tryPod().controlPlane, 'no sidecar')
  const kinds = 'mutatingwebhookconfigurations,clusterroles,clusterrolebindings,deployments,services,secrets'
  const left = kubectl.run('get', kinds, '-A', '-l', OURS, '-o', 'name', '--ignore-not-found')
  t.equal(left, '')
})
