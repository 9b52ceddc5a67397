/** The cluster's objects of the TLS scenarios, as the chart renders them: registration, Secret, permissions. */

export const NAMESPACE = 'remora-system'
export const SERVICE = 'remora'
export const SERVICE_PORT = 8443
export const SECRET = 'remora-ca'
export const CONFIGURATION = 'remora-sidecar-injector'
/** Named in the option but missing; may be created later. */
/** Of replicas whose certificates come from files; their Service has the same name. */
export const FILES = 'remora-files'
export const LATER = 'remora-revision-tag-later'

export const webhook = (name: string, path: string) => ({
  name,
  clientConfig: { service: { namespace: NAMESPACE, name: SERVICE, port: SERVICE_PORT, path } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Fail',
  timeoutSeconds: 10,
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' }],
  namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
})
export const registration = (name: string, ...webhooks: object[]) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name },
  webhooks,
})
export const both = registration(
  CONFIGURATION,
  webhook('namespace.sidecar-injector.istio.io', '/revisions/default/inject'),
  webhook('object.sidecar-injector.istio.io', '/revisions/default/inject'),
)
export const emptySecret = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: { name: SECRET, namespace: NAMESPACE },
}
/** Exactly what `--tls=self` and `--webhook-configurations` need. */
export const rights = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'remora', namespace: NAMESPACE } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'remora' },
    rules: [
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        resourceNames: [CONFIGURATION, LATER, FILES],
        verbs: ['list', 'watch', 'patch'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'remora' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'remora' },
    subjects: [{ kind: 'ServiceAccount', name: 'remora', namespace: NAMESPACE }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'remora', namespace: NAMESPACE },
    rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [SECRET], verbs: ['get', 'update'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'remora', namespace: NAMESPACE },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'remora' },
    subjects: [{ kind: 'ServiceAccount', name: 'remora', namespace: NAMESPACE }],
  },
]
