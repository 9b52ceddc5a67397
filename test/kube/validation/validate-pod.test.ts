/** Pods that Kubernetes refuses, each rule with a pod that satisfies it. */
import t from 'tap'
import type { JsonObject, JsonValue } from '../../../src/json/index.ts'
import { newProblems, quantityValue, validatePod } from '../../../src/kube/index.ts'

const container = (rest: JsonObject = {}): JsonObject => ({ name: 'app', image: 'r.example/app:1', ...rest })
const podOf = (spec: JsonObject): JsonObject => ({
  metadata: { name: 'web' },
  spec: { containers: [container()], ...spec },
})
const mounts = (...volumeMounts: JsonValue[]) =>
  podOf({
    containers: [container({ volumeMounts })],
    volumes: [
      { name: 'a', emptyDir: {} },
      { name: 'b', configMap: { name: 'b' } },
    ],
  })
const resources = (requests: JsonObject, limits: JsonObject) =>
  podOf({ containers: [container({ resources: { requests, limits } })] })

const cases: readonly [title: string, bad: JsonObject, found: string, good: JsonObject][] = [
  [
    'a volume has one source',
    podOf({ volumes: [{ name: 'istio-envoy', emptyDir: {}, hostPath: { path: '/x' } }] }),
    'spec.volumes[istio-envoy] has both emptyDir and hostPath',
    podOf({ volumes: [{ name: 'istio-envoy', emptyDir: {} }, { name: 'empty' }] }),
  ],
  [
    'volumes have different names',
    podOf({
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'a', emptyDir: {} },
      ],
    }),
    'spec.volumes[a] is defined twice',
    podOf({ volumes: [{ name: 'a' }, { name: 'b' }] }),
  ],
  [
    'a source has what it needs',
    podOf({ volumes: [{ name: 'a', persistentVolumeClaim: {} }] }),
    'spec.volumes[a].persistentVolumeClaim has no claimName',
    podOf({ volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'data' } }] }),
  ],
  [
    'a mount has a path',
    mounts({ name: 'a' }),
    'spec.containers[app].volumeMounts[a] has no mountPath',
    mounts({ name: 'a', mountPath: '/a' }),
  ],
  [
    'mounts have paths of their own',
    mounts({ name: 'a', mountPath: '/etc/istio/proxy' }, { name: 'b', mountPath: '/etc/istio/proxy' }),
    'spec.containers[app].volumeMounts has a and b at the same mountPath /etc/istio/proxy',
    mounts({ name: 'a', mountPath: '/a', subPath: 'x' }, { name: 'a', mountPath: '/b', subPath: 'y' }),
  ],
  [
    'a mount has its volume',
    mounts({ name: 'c', mountPath: '/c' }),
    'spec.containers[app].volumeMounts[c] mounts volume c, which does not exist',
    mounts({ name: 'b', mountPath: '/b' }),
  ],
  [
    'containers and init containers share their names',
    podOf({ initContainers: [container()] }),
    'spec.containers[app] has the name of another container or init container',
    podOf({ initContainers: [container({ name: 'init' })] }),
  ],
  [
    'port names are unique in a container',
    podOf({
      containers: [
        container({
          ports: [
            { name: 'http', containerPort: 80 },
            { name: 'http', containerPort: 81 },
          ],
        }),
      ],
    }),
    'spec.containers[app].ports[http] has the name of another port of the container',
    podOf({
      containers: [
        container({ ports: [{ name: 'http', containerPort: 80 }] }),
        container({
          name: 'two',
          ports: [{ name: 'http', containerPort: 81 }, { containerPort: 80 }, { containerPort: 80 }],
        }),
      ],
    }),
  ],
  [
    'port names are short',
    podOf({ containers: [container({ ports: [{ name: 'http-metrics-and-more', containerPort: 80 }] })] }),
    'spec.containers[app].ports[http-metrics-and-more] has a name that Kubernetes refuses',
    podOf({ containers: [container({ ports: [{ name: 'http-envoy-prom', containerPort: 65535 }] })] }),
  ],
  [
    'requests are at most the limits',
    resources({ cpu: '2' }, { cpu: '1500m' }),
    'spec.containers[app].resources requests cpu 2, which is above its limit 1500m',
    resources({ cpu: '2', memory: '1Gi', 'example.com/gpu': 1 }, { cpu: '2000m', memory: '1024Mi' }),
  ],
  [
    'a variable has one value',
    podOf({
      containers: [
        container({
          env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        }),
      ],
    }),
    'spec.containers[app].env[A] has both value and valueFrom',
    podOf({
      containers: [
        container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }] }),
      ],
    }),
  ],
  [
    'a probe has one handler',
    podOf({ containers: [container({ readinessProbe: { httpGet: { port: 1 }, tcpSocket: { port: 1 } } })] }),
    'spec.containers[app].readinessProbe has httpGet and tcpSocket',
    podOf({ containers: [container({ readinessProbe: { grpc: { port: 1 } } })] }),
  ],
  [
    'only an init container that keeps running has probes',
    podOf({ initContainers: [container({ name: 'init', startupProbe: { exec: { command: ['x'] } } })] }),
    'spec.initContainers[init].startupProbe is not allowed for an init container that does not keep running',
    podOf({
      initContainers: [
        container({ name: 'init', restartPolicy: 'Always', startupProbe: { exec: { command: ['x'] } } }),
      ],
    }),
  ],
  [
    'a privileged container may escalate',
    podOf({
      containers: [container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } })],
    }),
    'spec.containers[app].securityContext has privileged: true with allowPrivilegeEscalation: false',
    podOf({ containers: [container({ securityContext: { privileged: true } })] }),
  ],
]

for (const [title, bad, found, good] of cases) {
  t.test(title, async (t) => {
    t.same(
      validatePod(bad).map(({ path, message }) => `${path} ${message}`),
      [found],
    )
    t.same(validatePod(good), [])
    t.same(newProblems(bad, bad), [], 'its own mistake is not that of injection')
    t.equal(newProblems(podOf({}), bad).length, 1)
  })
}

t.test('quantities compare by their value', async (t) => {
  const equal = [
    ['1', '1000m'],
    ['1Gi', '1024Mi'],
    ['1.5', '1500m'],
    ['1e3', '1k'],
    [2, '2'],
    ['0.5Gi', '512Mi'],
  ] as const
  for (const [a, b] of equal) t.equal(quantityValue(a), quantityValue(b), `${a}`)
  t.ok((quantityValue('1G') ?? 0n) < (quantityValue('1Gi') ?? 0n))
  for (const bad of ['', 'lots', '1 Gi', '1e999', '9'.repeat(100)])
    t.equal(quantityValue(bad), undefined, bad)
})
