/** Pods that admission plug-ins refuse: PodSecurity, LimitRanger, ResourceQuota; and pods for Windows. */
import t from 'tap'
import type { JsonObject } from '../../../src/json/index.ts'
import {
  limitRangeViolations,
  linuxOnlyFields,
  newViolations,
  quotaLines,
  resourcesOf,
  usedBy,
  violationsOf,
  windowsPod,
  withoutValue,
} from '../../../src/kube/index.ts'

const safe = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
const restricted: JsonObject = {
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'app', securityContext: safe }],
  },
}
const init: JsonObject = {
  name: 'istio-init',
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] },
    privileged: false,
    runAsNonRoot: false,
    runAsUser: 0,
  },
}
const withInit = (pod: JsonObject): JsonObject => ({
  spec: { ...(pod['spec'] as JsonObject), initContainers: [init] },
})
const said = (found: readonly { readonly who: string; readonly what: string }[]) =>
  found.map(({ who, what }) => `${who} ${what}`)

t.test('violations of the Pod Security Standards are found', async (t) => {
  t.same(violationsOf('restricted', restricted), [])
  t.same(said(violationsOf('restricted', withInit(restricted))), [
    'container istio-init adds NET_ADMIN, NET_RAW',
    'container istio-init does not set runAsNonRoot: true',
    'container istio-init runs as user 0',
  ])
  t.same(said(violationsOf('baseline', withInit(restricted))), [
    'container istio-init adds NET_ADMIN, NET_RAW',
  ])
  t.same(violationsOf('privileged', withInit(restricted)), [])
  const plain: JsonObject = { spec: { containers: [{ name: 'app' }] } }
  t.same(violationsOf('baseline', plain), [])
  t.same(said(violationsOf('restricted', plain)), [
    'container app does not set allowPrivilegeEscalation: false',
    'container app does not drop all capabilities',
    'container app does not set runAsNonRoot: true',
    'container app has no seccomp profile',
  ])
  t.same(
    said(newViolations('restricted', plain, withInit(plain))).filter((text) => text.includes(' app ')),
    [],
  )
  const host: JsonObject = {
    spec: {
      hostNetwork: true,
      containers: [
        { name: 'app', ports: [{ containerPort: 1, hostPort: 1 }], securityContext: { privileged: true } },
      ],
      volumes: [{ name: 'root', hostPath: { path: '/' } }],
    },
  }
  t.same(said(violationsOf('baseline', host)), [
    'the pod sets hostNetwork',
    'the pod has the hostPath volume root',
    'container app is privileged',
    'container app uses hostPort 1',
  ])
  const nfs: JsonObject = {
    spec: { ...(restricted['spec'] as JsonObject), volumes: [{ name: 'n', nfs: {} }] },
  }
  t.same(violationsOf('baseline', nfs), [])
  t.same(said(violationsOf('restricted', nfs)), ['the pod has the nfs volume n'])
})

const range = (item: JsonObject): JsonObject => ({
  metadata: { namespace: 'shop', name: 'limits' },
  spec: { limits: [item] },
})
const podWith = (...resources: JsonObject[]): JsonObject => ({
  spec: { containers: resources.map((one, i) => ({ name: `c${i}`, resources: one })) },
})

t.test('violations of LimitRanges are found', async (t) => {
  const proxy = { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2', memory: '1Gi' } }
  const found = (pod: JsonObject, item: JsonObject) =>
    limitRangeViolations(pod, [range(item)]).map(({ who, what }) => `${who} ${what}`)
  t.same(found(podWith(proxy), { type: 'Container', max: { memory: '512Mi' } }), [
    'container c0 has a memory limit above the maximum 512Mi',
  ])
  t.same(found(podWith(proxy), { type: 'Container', max: { memory: '1Gi', cpu: 2 } }), [])
  t.same(found(podWith({}), { type: 'Container', max: { cpu: '1' } }), [
    'container c0 has no cpu limit, and the maximum is 1',
  ])
  t.same(found(podWith({}), { type: 'Container', max: { cpu: '1' }, default: { cpu: '500m' } }), [])
  t.same(found(podWith(proxy), { type: 'Container', min: { cpu: '200m' } }), [
    'container c0 requests less cpu than the minimum 200m',
  ])
  t.same(found(podWith(proxy), { type: 'Container', maxLimitRequestRatio: { cpu: '10' } }), [
    'container c0 has a cpu limit of more than 10 times its request',
  ])
  t.same(found(podWith(proxy), { type: 'Container', maxLimitRequestRatio: { cpu: '20' } }), [])
  t.same(found(podWith(proxy, proxy), { type: 'Pod', max: { cpu: '3' } }), [
    'the pod has a cpu limit above the maximum 3',
  ])
  t.same(found(podWith(proxy, proxy), { type: 'Pod', max: { cpu: '4' } }), [])
  t.same(limitRangeViolations(podWith(proxy), []), [])
})

t.test('violations of ResourceQuotas are found', async (t) => {
  const quota = (spec: JsonObject): JsonObject => ({ metadata: { namespace: 'shop', name: 'q' }, spec })
  const lines = quotaLines([quota({ hard: { 'limits.cpu': '2', memory: '1Gi', pods: '10' } })])
  t.same(
    lines.map(({ name, side, resource }) => `${name} ${side} ${resource}`),
    ['limits.cpu limits cpu', 'memory requests memory'],
  )
  t.same(quotaLines([quota({ hard: { cpu: '1' }, scopes: ['BestEffort'] })]), [], 'counts some pods only')
  const [cpu, memory] = lines
  if (cpu === undefined || memory === undefined) throw new Error('there are two lines')
  const containers = resourcesOf(podWith({ limits: { cpu: '1' } }, { requests: { memory: '1Gi' } }))
  t.same(withoutValue(containers, cpu), ['c1'])
  t.same(withoutValue(containers, memory), ['c0'])
  t.equal(usedBy(containers, cpu), 1_000_000_000n)
  const starting = resourcesOf({
    spec: {
      initContainers: [
        { name: 'side', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } },
        { name: 'big', resources: { requests: { cpu: '3' } } },
      ],
      containers: [{ name: 'app', resources: { requests: { cpu: '2' } } }],
    },
  })
  const requests = { ...cpu, side: 'requests' as const }
  t.equal(usedBy(starting, requests), 4_000_000_000n, 'the init container beside the native sidecar')
})

t.test('pods for Windows are recognised', async (t) => {
  t.equal(windowsPod({ spec: { os: { name: 'windows' } } }), 'os')
  t.equal(windowsPod({ spec: { nodeSelector: { 'kubernetes.io/os': 'windows' } } }), 'selector')
  const affinity = (...values: string[]): JsonObject => ({
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values }] }],
          },
        },
      },
    },
  })
  t.equal(windowsPod(affinity('windows')), 'selector')
  for (const pod of [
    affinity('linux'),
    affinity('linux', 'windows'),
    { spec: {} },
    { spec: { os: { name: 'linux' } } },
  ])
    t.equal(windowsPod(pod), undefined)
  t.same(linuxOnlyFields({ spec: { ...(restricted['spec'] as JsonObject), os: { name: 'windows' } } }), [
    'spec.securityContext.seccompProfile',
    'spec.containers[app].securityContext.capabilities',
    'spec.containers[app].securityContext.allowPrivilegeEscalation',
  ])
  t.same(
    linuxOnlyFields({ spec: { containers: [{ name: 'app', securityContext: { runAsNonRoot: true } }] } }),
    [],
  )
})
