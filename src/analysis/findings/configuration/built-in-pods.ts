/**
 * The pods that every configuration is tried on: one for each part of a pod that injection reads or changes. Kubernetes
 * accepts all of them, and every supported release injects them.
 */
import type { JsonObject, JsonValue } from '../../../json/index.ts'

export interface BuiltInPod {
  /** `probes`: its purpose. */
  readonly name: string
  readonly pod: JsonObject
  /** It configures istio-proxy, which requires a template that adds that container. */
  readonly ofProxy?: true
}

function container(name: string, rest: JsonObject = {}): JsonObject {
  return { name, image: `registry.example/${name}:1`, ...rest }
}

interface Sketch {
  readonly labels?: JsonObject
  readonly annotations?: JsonObject
  readonly metadata?: JsonObject
  readonly spec?: JsonObject
}

/** It requests injection itself, so that it is injected even under `policy: disabled`. */
function builtIn(name: string, { labels, annotations, metadata, spec }: Sketch): BuiltInPod {
  const asks = { 'sidecar.istio.io/inject': 'true', ...labels }
  return {
    name,
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: asks, ...(annotations === undefined ? {} : { annotations }), ...metadata },
      spec: { containers: [container('app')], ...spec },
    },
  }
}

function ownedBy(apiVersion: string, kind: string, name: string): JsonObject {
  const owner: JsonValue = { apiVersion, kind, name, uid: '', controller: true }
  return { name: `${name}-x2x4z`, generateName: `${name}-`, ownerReferences: [owner] }
}

const port = (name: string, containerPort: number, protocol = 'TCP'): JsonObject => ({
  name,
  containerPort,
  protocol,
})

export const builtInPods: readonly BuiltInPod[] = [
  // Without labels that name it: templates fall back on its own name.
  builtIn('one-container', {}),
  builtIn('owned-by-a-deployment', {
    labels: { app: 'web', version: 'v1', 'pod-template-hash': '6d5f9c7b8d' },
    metadata: ownedBy('apps/v1', 'ReplicaSet', 'web-6d5f9c7b8d'),
  }),
  builtIn('job', {
    metadata: ownedBy('batch/v1', 'Job', 'report'),
    spec: { restartPolicy: 'Never', serviceAccountName: 'report' },
  }),
  builtIn('ports', {
    labels: { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/version': '1' },
    spec: {
      containers: [
        container('web', { ports: [port('http', 8080), port('metrics', 9102)] }),
        container('dns', { ports: [port('dns', 5353, 'UDP'), port('dns-tcp', 5353)] }),
      ],
    },
  }),
  builtIn('init-containers', {
    spec: {
      initContainers: [
        container('migrate', { command: ['migrate'] }),
        container('logs', { restartPolicy: 'Always' }),
      ],
    },
  }),
  builtIn('probes', {
    spec: {
      containers: [
        container('app', {
          ports: [port('http', 8080)],
          startupProbe: { httpGet: { path: '/started', port: 'http' } },
          readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 5 },
          livenessProbe: { tcpSocket: { port: 8080 } },
          lifecycle: { preStop: { httpGet: { path: '/stop', port: 8080 } } },
        }),
        container('rpc', {
          livenessProbe: { grpc: { port: 9000 } },
          readinessProbe: { exec: { command: ['ok'] } },
        }),
      ],
    },
  }),
  builtIn('annotations', {
    annotations: {
      'proxy.istio.io/config': 'concurrency: 2\nholdApplicationUntilProxyStarts: true\n',
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9102',
      'sidecar.istio.io/proxyCPU': '100m',
      'sidecar.istio.io/proxyMemory': '128Mi',
      'sidecar.istio.io/logLevel': 'info',
      'sidecar.istio.io/userVolume': '[{"name":"extra","emptyDir":{}}]',
      'sidecar.istio.io/userVolumeMount': '[{"name":"extra","mountPath":"/extra"}]',
      'traffic.sidecar.istio.io/includeOutboundIPRanges': '10.0.0.0/8',
      'traffic.sidecar.istio.io/excludeInboundPorts': '9102',
    },
  }),
  builtIn('security-context', {
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 },
      containers: [
        container('app', {
          securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          resources: { requests: { cpu: '100m', memory: '64Mi' } },
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        }),
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    },
  }),
  {
    ...builtIn('own-proxy-settings', {
      spec: {
        containers: [
          container('app'),
          { name: 'istio-proxy', image: 'auto', resources: { limits: { cpu: '500m', memory: '256Mi' } } },
        ],
      },
    }),
    ofProxy: true,
  },
  // Every configuration must skip it.
  builtIn('host-network', { spec: { hostNetwork: true } }),
]

/** A gateway's pod is only the proxy; only the template `gateway` is made for it. */
export const builtInGateway: BuiltInPod = {
  ...builtIn('gateway', {
    labels: { istio: 'ingressgateway' },
    metadata: ownedBy('apps/v1', 'ReplicaSet', 'istio-ingressgateway-6d5f9c7b8d'),
    spec: {
      serviceAccountName: 'istio-ingressgateway',
      containers: [{ name: 'istio-proxy', image: 'auto', ports: [port('http', 8080), port('https', 8443)] }],
    },
  }),
  ofProxy: true,
}
