/**
 * Operations on Remora itself while the cluster needs it: it is scaled to zero and back, applied by another field
 * manager, upgraded, rolled back and uninstalled. It runs in istio-system with failurePolicy Fail, the hardest case,
 * because its own pods must not wait for itself.
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
const CANARY = 'istiod-canary.istio-system.svc:15012'
const HEARTBEATS = ['secret', 'remora-heartbeats', '-n', 'istio-system'] as const
const INJECTOR = ['configmap', 'istio-sidecar-injector-canary', '-n', 'istio-system'] as const
const OURS = 'app.kubernetes.io/name=remora'
const RELEASE = ['remora', '-n', 'istio-system'] as const
const VALUES = ['--set-json', 'revisions=[{"name":"default","active":true},{"name":"canary","active":true}]']

t.setTimeout(300_000)
const stage = await startStage()
t.teardown(() => stage.stop())
const { kubectl, helm, chart } = stage

const BROKEN = 'policy: enabled\ntemplates:\n  sidecar: "{{ nonsense"\n'
let good: Record<string, string> = {}
let created = 0

/** A new pod in a labelled namespace: what it is pointed at, or why there is none. */
function tryPod(namespace = 'shop'): { controlPlane: string; pod?: PodSummary; refusal?: string } {
  created += 1
  const pod = JSON.stringify(barePod(namespace, `pod-${created}`))
  const result = kubectl.tryWith(pod, 'create', '-o', 'json', '-f', '-')
  if (result.status !== 0) return { controlPlane: '', refusal: result.stderr }
  const parsed = JSON.parse(result.stdout) as PodSummary
  return { controlPlane: controlPlaneOf(parsed), pod: parsed }
}

function remoraPods(): readonly string[] {
  return podsOf(kubectl, 'istio-system', OURS).map(({ metadata }) => metadata.name)
}

/** Creates pods one after the other until the processes of all these pods have ended; gives what came of each. */
async function podsUntilEnded(
  names: readonly string[],
  tryNext: () => ReturnType<typeof tryPod> = tryPod,
): Promise<readonly ReturnType<typeof tryPod>[]> {
  const results: ReturnType<typeof tryPod>[] = []
  await waitFor(
    `the end of ${names.join(', ')}`,
    () => {
      results.push(tryNext())
      const log = stage.nodeLog()
      return names.every((name) => log.includes(`${name}: ended`)) ? true : undefined
    },
    60_000,
  )
  return results
}

t.test('Remora is installed in istio-system and serves a labelled namespace', async (t) => {
  helm.run('install', ...RELEASE, chart, ...VALUES, '--wait', '--timeout=60s')
  kubectl.run('create', 'namespace', 'shop')
  kubectl.run('label', 'namespace', 'shop', 'istio-injection=enabled')
  t.equal(tryPod().controlPlane, DEFAULT)
})

t.test(
  'another manager that applies the same render server-side finds no difference and no conflict',
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

t.test('while Remora is scaled to zero, pods are not created because of failurePolicy Fail', async (t) => {
  const names = remoraPods()
  kubectl.run('scale', 'deployment', ...RELEASE, '--replicas=0')
  await podsUntilEnded(names)
  t.match(tryPod().refusal, /failed calling webhook .*connection refused/s)
  kubectl.apply(deployment('shop', 'waiting', 2))
  await waitFor('the ReplicaSet to report it', () =>
    /FailedCreate/.test(kubectl.run('get', 'events', '-n', 'shop')) ? true : undefined,
  )
  t.strictSame(controlPlanesOf(kubectl, 'shop', 'app=waiting'), [])
})

t.test('after scaling up Remora starts by itself, and the waiting pods get their sidecars', async (t) => {
  kubectl.run('scale', 'deployment', ...RELEASE, '--replicas=2')
  kubectl.run('rollout', 'status', 'deployment', ...RELEASE, '--timeout=60s')
  t.equal(tryPod().controlPlane, DEFAULT)
  // The ReplicaSet controller tries again in growing intervals.
  kubectl.run('rollout', 'status', 'deployment/waiting', '-n', 'shop', '--timeout=90s')
  t.strictSame(controlPlanesOf(kubectl, 'shop', 'app=waiting'), [DEFAULT])
})

/** Pods of both revisions in turn, until then; those that did not get the sidecar of their revision. */
async function wrongUntilEnded(names: readonly string[]): Promise<readonly object[]> {
  const wrong: object[] = []
  let count = 0
  await podsUntilEnded(names, () => {
    const [namespace, expected] = count++ % 2 === 0 ? ['payments', CANARY] : ['shop', DEFAULT]
    const result = tryPod(namespace)
    if (result.controlPlane !== expected) wrong.push({ namespace, ...result })
    return result
  })
  t.comment(`${count} pods were created meanwhile`)
  return wrong
}

t.test(
  "when canary's ConfigMap becomes invalid, the replicas keep serving and both Secrets are kept",
  async (t) => {
    kubectl.run('create', 'namespace', 'payments')
    kubectl.run('label', 'namespace', 'payments', 'istio.io/rev=canary')
    const keys = () =>
      ['remora-last-good-0', 'remora-last-good-1'].flatMap((name) =>
        Object.keys(kubectl.get<{ data?: object }>('secret', name, '-n', 'istio-system').data ?? {}),
      )
    await waitFor('the kept configurations', () =>
      keys().includes('revision.canary') && keys().includes('revision.default') ? true : undefined,
    )
    good = kubectl.get<{ data: Record<string, string> }>(...INJECTOR).data
    kubectl.run('patch', ...INJECTOR, '--type=merge', '-p', JSON.stringify({ data: { config: BROKEN } }))
    await waitFor('the problem', () =>
      stage.podLogs().includes('last good configuration') ? true : undefined,
    )
    t.equal(tryPod('payments').controlPlane, CANARY)
  },
)

t.test('during helm upgrade under load with an invalid ConfigMap every pod gets its sidecar', async (t) => {
  const names = remoraPods()
  const upgraded = ['--set', 'server.labelRevision=true', '--set', 'lastGood.waitSeconds=5']
  helm.run('upgrade', ...RELEASE, chart, ...VALUES, ...upgraded)
  t.strictSame(await wrongUntilEnded(names), [])
  kubectl.run('rollout', 'status', 'deployment', ...RELEASE, '--timeout=60s')
  t.notMatch(stage.nodeLog(), /ended by itself/)
})

t.test('the new replicas waited for the old ones and report what they serve', async (t) => {
  const log = stage.podLogs()
  t.match(log, /kept-configuration-served/)
  t.match(log, /configuration [0-9a-f]{16}, kept in Secret istio-system\/remora-last-good-[01] since/)
  const secrets = ['remora-last-good-0', 'remora-last-good-1', 'remora-heartbeats']
  for (const name of secrets) {
    const { metadata } = kubectl.get<{ metadata: { annotations?: object } }>(
      ...['secret', name, '-n', 'istio-system'],
    )
    t.match(metadata.annotations, { 'meta.helm.sh/release-name': 'remora' })
  }
})

t.test('kubectl get pods -l istio.io/rev=default finds what the upgraded server labelled', async (t) => {
  const { pod } = tryPod()
  const found = podsOf(kubectl, 'shop', 'istio.io/rev=default').map(({ metadata }) => metadata.name)
  t.ok(pod !== undefined && found.includes(pod.metadata.name))
})

t.test('after helm rollback under load the first release serves again', async (t) => {
  // In this stand-in a pod's token ends with the pod object, so replicas that end cannot withdraw their heartbeats. A
  // new one would watch them for half a minute.
  kubectl.run('patch', ...HEARTBEATS, '--type=merge', '-p', '{"data":null}')
  const names = remoraPods()
  helm.run('rollback', 'remora', '1', '-n', 'istio-system')
  t.strictSame(await wrongUntilEnded(names), [])
  kubectl.run('rollout', 'status', 'deployment', ...RELEASE, '--timeout=60s')
  const { pod } = tryPod()
  t.equal(pod?.metadata.labels?.['istio.io/rev'], undefined)
  t.match(helm.run('history', ...RELEASE), /Rollback to 1/)
})

t.test('after the ConfigMap is corrected the newest configuration serves', async (t) => {
  kubectl.run('patch', ...INJECTOR, '--type=merge', '-p', JSON.stringify({ data: good }))
  await waitFor('both replicas to take it', () =>
    (stage.podLogs().match(/kept-configuration-served.*problem resolved/g)?.length ?? 0) >= 2
      ? true
      : undefined,
  )
  t.equal(tryPod('payments').controlPlane, CANARY)
})

t.test('while the API server is unavailable Remora stays ready and keeps serving', async (t) => {
  const names = remoraPods()
  await stage.plane.restartApiServer(2_000)
  await waitFor('a pod to be injected', () => (tryPod().controlPlane === DEFAULT ? true : undefined))
  await restart(kubectl, 'shop')
  t.strictSame(remoraPods(), names)
  t.notMatch(stage.nodeLog(), /ended by itself/)
  for (const name of names) t.notOk(stage.nodeLog().includes(`${name}: ending`))
})

t.test('helm uninstall leaves nothing behind, and pods in a labelled namespace can be created', async (t) => {
  helm.run('uninstall', ...RELEASE, '--wait', '--timeout=60s')
  t.equal(tryPod().controlPlane, 'no sidecar')
  const kinds = 'mutatingwebhookconfigurations,clusterroles,clusterrolebindings,deployments,services,secrets'
  const left = kubectl.run('get', kinds, '-A', '-l', OURS, '-o', 'name', '--ignore-not-found')
  t.equal(left, '')
})
