/** Running pods in a preview: which wait for a restart, by which command, and which must be created again by hand. */
import t from 'tap'
import { findExceptions, preview, type RunningWorkload } from '../../../src/analysis/index.ts'
import { keptImageText } from '../../../src/cli/preview-wording.ts'
import { inject } from '../../../src/inject/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod } from '../../inject/revision-fixture.ts'
import { byLabels, clusterWith } from './preview-fixture.ts'

const snapshot = clusterWith({ shop: { 'istio-injection': 'enabled' }, plain: {} })
const template = pod()

/** As revision default has injected it. */
function injected(name: string): JsonObject {
  const outcome = inject(byLabels(template), snapshot)
  if (outcome.kind !== 'patched') throw new Error(outcome.code)
  const metadata = outcome.pod['metadata'] as JsonObject // an injected pod has it
  return { ...outcome.pod, metadata: { ...metadata, name } }
}

function owner(apiVersion: string, kind: string, name: string, spec: JsonObject = {}): JsonObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop' }, spec }
}

function running(objects: { readonly [title: string]: RunningWorkload }, to = 'canary') {
  return previewOf(objects, to).running
}

function previewOf(objects: { readonly [title: string]: RunningWorkload }, to = 'canary') {
  return preview(
    {
      workloads: Object.keys(objects).map((title) => ({
        title,
        request: byLabels(template, title.includes('plain') ? 'plain' : 'shop'),
      })),
      from: undefined,
      to: { name: to, namespaces: new Set() },
      webhooks: [],
      running: new Map(Object.entries(objects)),
      options: {},
    },
    snapshot,
  )
}

t.test('every kind has a restart command or a reason why there is none', async (t) => {
  const found = running({
    web: { object: owner('apps/v1', 'Deployment', 'web'), pods: [injected('web-1'), injected('web-2')] },
    db: { object: owner('apps/v1', 'StatefulSet', 'db'), pods: [injected('db-0')] },
    logs: {
      object: owner('apps/v1', 'DaemonSet', 'logs', { updateStrategy: { type: 'OnDelete' } }),
      pods: [injected('logs-a'), injected('logs-b')],
    },
    held: { object: owner('apps/v1', 'Deployment', 'held', { paused: true }), pods: [injected('held-1')] },
    ro: { object: owner('argoproj.io/v1alpha1', 'Rollout', 'ro'), pods: [injected('ro-1')] },
    dc: { object: owner('apps.openshift.io/v1', 'DeploymentConfig', 'dc'), pods: [injected('dc-1')] },
    kruise: { object: owner('apps.kruise.io/v1beta1', 'StatefulSet', 'k'), pods: [injected('k-0')] },
    bare: { object: owner('v1', 'Pod', 'bare'), pods: [injected('bare')] },
    job: { object: owner('batch/v1', 'Job', 'job'), pods: [injected('job-x')] },
    cron: { object: owner('batch/v1', 'CronJob', 'cron'), pods: [injected('cron-x')] },
    idle: { object: owner('apps/v1', 'Deployment', 'idle'), pods: [] },
  })
  t.same(found?.commands, [
    'kubectl rollout restart deployment/web statefulset/db --namespace shop',
    'kubectl delete pod logs-a logs-b --namespace shop',
    'kubectl argo rollouts restart ro --namespace shop',
    'oc rollout latest dc/dc --namespace shop',
    'kubectl delete pod k-0 --namespace shop',
  ])
  t.same(
    found?.waiting.flatMap(({ workload, restart }) =>
      'why' in restart ? [`${workload.title}: ${restart.why}`] : [],
    ),
    [
      'logs: its update strategy is OnDelete',
      'held: its rollout is paused',
      'kruise: kubectl cannot restart a StatefulSet',
      'bare: it has no controller: delete it, then create it again from its manifest',
      'job: a Job keeps its pods; a new Job gets the new sidecar',
      'cron: its next Job gets the new sidecar',
    ],
  )
  t.match(found, { pods: 12, waitingPods: 12 })
  t.match(found?.waiting[0], { pods: 2, differences: [{ what: 'revision', now: 'default', next: 'canary' }] })
})

t.test('pods do not wait for a restart if they match a new pod, or if neither has a sidecar', async (t) => {
  const own = { ...template, metadata: { name: 'own' } }
  const found = running(
    {
      web: { object: owner('apps/v1', 'Deployment', 'web'), pods: [injected('web-1')] },
      'plain web': { object: owner('apps/v1', 'Deployment', 'web'), pods: [own] },
    },
    'default',
  )
  t.match(found, { pods: 2, waitingPods: 0, waiting: [], blocked: [], commands: [] })
})

t.test(
  'a pod without a sidecar waits for a restart, and no restart is suggested if new pods would fail',
  async (t) => {
    const web = owner('apps/v1', 'Deployment', 'web')
    const bare = { ...template, metadata: { name: 'web-1' } }
    t.match(running({ web: { object: web, pods: [bare] } }), {
      waiting: [{ differences: [{ what: 'sidecar', next: 'canary' }] }],
    })
    t.match(running({ web: { object: web, pods: [injected('web-1')] } }, 'broken'), {
      waiting: [],
      commands: [],
      blocked: [{ workload: { title: 'web', after: { code: 'template-failed' } } }],
    })
  },
)

/** The pod with the image of an earlier release; every revision of the cluster is treated as Istio 1.30.3. */
function earlier(name: string, image: string): JsonObject {
  const one = injected(name)
  const spec = one['spec'] as JsonObject // an injected pod has both
  const containers = (spec['containers'] as readonly JsonObject[]).map((container) =>
    container['name'] === 'istio-proxy' ? { ...container, image } : container,
  )
  return { ...one, spec: { ...spec, containers } }
}

t.test(
  'images of running pods that stay are compared with the release of their own control plane',
  async (t) => {
    const object = owner('apps/v1', 'Deployment', 'web')
    const gone = earlier('gone-1', 'istio/proxyv2:1.27.1')
    const metadata = gone['metadata'] as JsonObject // an injected pod has it
    const status = { 'sidecar.istio.io/status': '{"containers":["istio-proxy"],"revision":"1-27-1"}' }
    const { keptImages } = previewOf({
      web: {
        object,
        pods: ['1.28.3', '1.28.3', '1.30.1'].map((tag, index) =>
          earlier(`web-${index}`, `istio/proxyv2:${tag}`),
        ),
      },
      api: {
        object,
        pods: [earlier('api-1', 'istio/proxyv2:1.28.3-distroless'), earlier('api-2', 'istio/proxyv2:1.28.3')],
      },
      next: { object, pods: [earlier('next-1', 'istio/proxyv2:1.29.0')] },
      unknown: {
        object,
        pods: [earlier('unknown-1', 'istio/proxyv2:prod'), earlier('unknown-2', 'istio/proxyv2@sha256:12')],
      },
      gone: { object, pods: [{ ...gone, metadata: { ...metadata, annotations: status } }] },
    })
    t.same(
      keptImages.map(({ workloads, ...kept }) => ({
        ...kept,
        workloads: workloads.map(({ title }) => title),
      })),
      [
        { image: 'istio/proxyv2:1.28.3', pods: 3, ahead: 2, workloads: ['web', 'api'] },
        { image: 'istio/proxyv2:1.28.3-distroless', pods: 1, ahead: 2, workloads: ['api'] },
        { image: 'istio/proxyv2:1.29.0', pods: 1, ahead: 1, workloads: ['next'] },
      ].map((kept) => ({ istioVersion: '1.30.3', keptBy: 'running pods', ...kept })),
    )
    t.same(keptImages.map(keptImageText), [
      'istio/proxyv2:1.28.3 of 3 running pods under Istio 1.30.3: 2 minor releases older, which Istio does not support',
      'istio/proxyv2:1.28.3-distroless of 1 running pod under Istio 1.30.3: 2 minor releases older, which Istio does not support',
      'istio/proxyv2:1.29.0 of 1 running pod under Istio 1.30.3: 1 minor release older, which Istio supports',
    ])
  },
)

t.test('a name that is not a shell word is quoted', async (t) => {
  const found = running({
    web: { object: owner('apps/v1', 'Deployment', "a'; rm -rf /"), pods: [injected('x')] },
  })
  t.same(found?.commands, ["kubectl rollout restart deployment/'a'\\''; rm -rf /' --namespace shop"])
})

t.test('exceptions are named if they are fewer than the other workloads', async (t) => {
  const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
  t.same(findExceptions(all.slice(1), all), ['a'])
  t.same(findExceptions(all, all), [])
  t.same(findExceptions(['a'], ['a', 'b']), [], 'the member is as short as the exception')
  t.same(findExceptions(all.slice(4), all), [], 'too many')
})
