/** Healthy manifests modelled on well-known charts, varied by a seed. Not a test. */
import type { JsonObject, JsonValue } from '../../../src/json/index.ts'
import type { ClusterObject } from '../../../src/revisions/index.ts'
import { object } from '../../revisions/cluster-objects.ts'

type Random = (below: number) => number

/** A linear congruential generator: the same manifests in every run. */
function randomOf(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

interface Sketch {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'CronJob'
  readonly pod: JsonObject
  readonly rest?: JsonObject
}

const probe = (path: string, port: JsonValue): JsonObject => ({ httpGet: { path, port }, periodSeconds: 10 })
const resources = (random: Random): JsonObject => ({
  requests: { cpu: `${50 + random(9) * 50}m`, memory: `${64 + random(8) * 64}Mi` },
  limits: { cpu: '2', memory: '2Gi' },
})
const container = (name: string, random: Random, rest: JsonObject = {}): JsonObject => ({
  name,
  image: `registry.example/${name}:1.${random(30)}.${random(9)}`,
  resources: resources(random),
  ...rest,
})
const port = (name: string, containerPort: number): JsonObject => ({ name, containerPort, protocol: 'TCP' })
const safe: JsonObject = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }

const sketches: readonly ((random: Random) => Sketch)[] = [
  (random) => ({
    kind: 'Deployment',
    pod: {
      containers: [
        container('web', random, {
          ports: [port('http', 8080 + random(9)), port('metrics', 9102)],
          livenessProbe: probe('/healthz', 'http'),
          readinessProbe: probe('/ready', 'http'),
          securityContext: safe,
          envFrom: [{ configMapRef: { name: 'web' } }],
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        }),
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    },
    rest: { replicas: 1 + random(5), strategy: { type: 'RollingUpdate' } },
  }),
  (random) => ({
    kind: 'StatefulSet',
    pod: {
      containers: [
        container('database', random, {
          ports: [port('sql', 5432)],
          readinessProbe: { exec: { command: ['ready'] } },
          volumeMounts: [{ name: 'data', mountPath: '/var/lib/data' }],
        }),
      ],
      securityContext: { fsGroup: 999, runAsUser: 999 },
      terminationGracePeriodSeconds: 60,
    },
    rest: {
      serviceName: 'database-headless',
      replicas: 3,
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } } },
        },
      ],
    },
  }),
  (random) => ({
    kind: 'DaemonSet',
    pod: {
      containers: [
        container('logs', random, { volumeMounts: [{ name: 'log', mountPath: '/var/log', readOnly: true }] }),
      ],
      volumes: [{ name: 'log', hostPath: { path: '/var/log' } }],
      tolerations: [{ operator: 'Exists' }],
    },
    rest: { updateStrategy: { type: 'RollingUpdate' } },
  }),
  (random) => ({
    kind: 'DaemonSet',
    pod: {
      hostNetwork: true,
      hostPID: true,
      containers: [container('node-exporter', random, { ports: [port('metrics', 9100)] })],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
    },
  }),
  (random) => ({
    kind: 'CronJob',
    pod: { containers: [container('backup', random, { command: ['backup'] })], restartPolicy: 'OnFailure' },
  }),
  (random) => ({
    kind: 'Job',
    pod: { containers: [container('migrate', random)], restartPolicy: 'Never' },
    rest: { backoffLimit: 3, ttlSecondsAfterFinished: 600 },
  }),
  (random) => ({
    kind: 'Deployment',
    pod: {
      serviceAccountName: 'operator',
      containers: [
        container('manager', random, {
          args: ['--leader-elect'],
          ports: [port('webhook', 9443)],
          volumeMounts: [{ name: 'cert', mountPath: '/certs', readOnly: true }],
        }),
      ],
      volumes: [{ name: 'cert', secret: { secretName: 'webhook-cert' } }],
    },
  }),
  (random) => ({
    kind: 'Deployment',
    pod: {
      containers: [
        container('ingress', random, {
          ports: [port('http', 80), port('https', 443)],
          securityContext: { capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] }, runAsUser: 101 },
          env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          lifecycle: { preStop: { exec: { command: ['wait'] } } },
        }),
      ],
    },
  }),
  (random) => ({
    kind: 'StatefulSet',
    pod: {
      initContainers: [container('config-init', random), container('chown', random)],
      containers: [
        container('metrics-server', random, {
          ports: [port('web', 9090)],
          startupProbe: { ...probe('/-/ready', 'web'), failureThreshold: 60 },
          volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
        }),
        container('config-reloader', random, { ports: [port('reloader', 8080)] }),
      ],
      volumes: [{ name: 'config', projected: { sources: [{ configMap: { name: 'config' } }] } }],
    },
    rest: { serviceName: 'metrics', podManagementPolicy: 'Parallel' },
  }),
  (random) => ({
    kind: 'StatefulSet',
    pod: {
      containers: [
        container('queue', random, {
          ports: [port('amqp', 5672), port('epmd', 4369), port('http-stats', 15672)],
          readinessProbe: { tcpSocket: { port: 'amqp' } },
        }),
      ],
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } },
          ],
        },
      },
    },
    rest: { serviceName: 'queue' },
  }),
]

/** `count` workloads in the namespace. */
export function healthyManifests(count: number, namespace: string, seed: number): readonly ClusterObject[] {
  const random = randomOf(seed)
  return Array.from({ length: count }, (_, index) => {
    const sketch = sketches[index % sketches.length] as (typeof sketches)[number] // the index is within the list
    const { kind, pod, rest = {} } = sketch(random)
    const name = `app-${index}`
    const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/version': `1.${random(9)}` }
    const template = { metadata: { labels, annotations: { 'checksum/config': `${random(1e9)}` } }, spec: pod }
    const metadata = { name, namespace, labels }
    if (kind === 'CronJob')
      return object('batch/v1', kind, metadata, {
        spec: { schedule: '0 1 * * *', jobTemplate: { spec: { template } } },
      })
    if (kind === 'Job') return object('batch/v1', kind, metadata, { spec: { template, ...rest } })
    const selector = { matchLabels: labels }
    return object('apps/v1', kind, metadata, { spec: { selector, template, ...rest } })
  })
}
