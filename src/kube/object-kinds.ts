/** The kinds of objects that commands read, by the word that users type. */

export interface KindRow {
  readonly kind: string
  /** `v1`, `apps/v1`: the version for the live API; in a folder any version of the group counts. */
  readonly apiVersion: string
  readonly plural: string
  /** The kind is cluster-scoped. */
  readonly global?: true
  /** Defined by an extension: a cluster without the definition has no such objects. */
  readonly extension?: true
  /** Titles name the group, because Kubernetes itself has a kind of this name. */
  readonly qualified?: true
  /** Only objects of this name. */
  readonly named?: string
}

export const OBJECT_KINDS = {
  pod: { kind: 'Pod', apiVersion: 'v1', plural: 'pods' },
  deployment: { kind: 'Deployment', apiVersion: 'apps/v1', plural: 'deployments' },
  statefulset: { kind: 'StatefulSet', apiVersion: 'apps/v1', plural: 'statefulsets' },
  daemonset: { kind: 'DaemonSet', apiVersion: 'apps/v1', plural: 'daemonsets' },
  replicaset: { kind: 'ReplicaSet', apiVersion: 'apps/v1', plural: 'replicasets' },
  replicationcontroller: {
    kind: 'ReplicationController',
    apiVersion: 'v1',
    plural: 'replicationcontrollers',
  },
  controllerrevision: {
    kind: 'ControllerRevision',
    apiVersion: 'apps/v1',
    plural: 'controllerrevisions',
  },
  job: { kind: 'Job', apiVersion: 'batch/v1', plural: 'jobs' },
  cronjob: { kind: 'CronJob', apiVersion: 'batch/v1', plural: 'cronjobs' },
  rollout: { kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1', plural: 'rollouts', extension: true },
  deploymentconfig: {
    kind: 'DeploymentConfig',
    apiVersion: 'apps.openshift.io/v1',
    plural: 'deploymentconfigs',
    extension: true,
  },
  cloneset: { kind: 'CloneSet', apiVersion: 'apps.kruise.io/v1alpha1', plural: 'clonesets', extension: true },
  advancedstatefulset: {
    kind: 'StatefulSet',
    apiVersion: 'apps.kruise.io/v1beta1',
    plural: 'statefulsets',
    extension: true,
    qualified: true,
  },
  advanceddaemonset: {
    kind: 'DaemonSet',
    apiVersion: 'apps.kruise.io/v1alpha1',
    plural: 'daemonsets',
    extension: true,
    qualified: true,
  },
  broadcastjob: {
    kind: 'BroadcastJob',
    apiVersion: 'apps.kruise.io/v1alpha1',
    plural: 'broadcastjobs',
    extension: true,
  },
  scaledjob: { kind: 'ScaledJob', apiVersion: 'keda.sh/v1alpha1', plural: 'scaledjobs', extension: true },
  fleet: { kind: 'Fleet', apiVersion: 'agones.dev/v1', plural: 'fleets', extension: true },
  knativeservice: {
    kind: 'Service',
    apiVersion: 'serving.knative.dev/v1',
    plural: 'services',
    extension: true,
    qualified: true,
  },
  knativeconfiguration: {
    kind: 'Configuration',
    apiVersion: 'serving.knative.dev/v1',
    plural: 'configurations',
    extension: true,
    qualified: true,
  },
  knativerevision: {
    kind: 'Revision',
    apiVersion: 'serving.knative.dev/v1',
    plural: 'revisions',
    extension: true,
    qualified: true,
  },
  /** The CA that istiod publishes in each namespace. */
  carootcertificate: {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    plural: 'configmaps',
    named: 'istio-ca-root-cert',
  },
  configmap: { kind: 'ConfigMap', apiVersion: 'v1', plural: 'configmaps' },
  service: { kind: 'Service', apiVersion: 'v1', plural: 'services' },
  endpointslice: { kind: 'EndpointSlice', apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices' },
  limitrange: { kind: 'LimitRange', apiVersion: 'v1', plural: 'limitranges' },
  resourcequota: { kind: 'ResourceQuota', apiVersion: 'v1', plural: 'resourcequotas' },
  gateway: {
    kind: 'Gateway',
    apiVersion: 'gateway.networking.k8s.io/v1',
    plural: 'gateways',
    extension: true,
  },
  gatewayclass: {
    kind: 'GatewayClass',
    apiVersion: 'gateway.networking.k8s.io/v1',
    plural: 'gatewayclasses',
    global: true,
    extension: true,
  },
  workloadgroup: {
    kind: 'WorkloadGroup',
    apiVersion: 'networking.istio.io/v1beta1',
    plural: 'workloadgroups',
    extension: true,
  },
  workloadentry: {
    kind: 'WorkloadEntry',
    apiVersion: 'networking.istio.io/v1beta1',
    plural: 'workloadentries',
    extension: true,
  },
  virtualservice: {
    kind: 'VirtualService',
    apiVersion: 'networking.istio.io/v1beta1',
    plural: 'virtualservices',
    extension: true,
  },
  destinationrule: {
    kind: 'DestinationRule',
    apiVersion: 'networking.istio.io/v1beta1',
    plural: 'destinationrules',
    extension: true,
  },
  istiogateway: {
    kind: 'Gateway',
    apiVersion: 'networking.istio.io/v1beta1',
    plural: 'gateways',
    extension: true,
    qualified: true,
  },
  serviceentry: {
    kind: 'ServiceEntry',
    apiVersion: 'networking.istio.io/v1beta1',
    plural: 'serviceentries',
    extension: true,
  },
  istiosidecar: {
    kind: 'Sidecar',
    apiVersion: 'networking.istio.io/v1beta1',
    plural: 'sidecars',
    extension: true,
  },
  envoyfilter: {
    kind: 'EnvoyFilter',
    apiVersion: 'networking.istio.io/v1alpha3',
    plural: 'envoyfilters',
    extension: true,
  },
  proxyconfig: {
    kind: 'ProxyConfig',
    apiVersion: 'networking.istio.io/v1beta1',
    plural: 'proxyconfigs',
    extension: true,
  },
  authorizationpolicy: {
    kind: 'AuthorizationPolicy',
    apiVersion: 'security.istio.io/v1beta1',
    plural: 'authorizationpolicies',
    extension: true,
  },
  peerauthentication: {
    kind: 'PeerAuthentication',
    apiVersion: 'security.istio.io/v1beta1',
    plural: 'peerauthentications',
    extension: true,
  },
  requestauthentication: {
    kind: 'RequestAuthentication',
    apiVersion: 'security.istio.io/v1beta1',
    plural: 'requestauthentications',
    extension: true,
  },
  telemetry: {
    kind: 'Telemetry',
    apiVersion: 'telemetry.istio.io/v1alpha1',
    plural: 'telemetries',
    extension: true,
  },
  wasmplugin: {
    kind: 'WasmPlugin',
    apiVersion: 'extensions.istio.io/v1alpha1',
    plural: 'wasmplugins',
    extension: true,
  },
  istiooperator: {
    kind: 'IstioOperator',
    apiVersion: 'install.istio.io/v1alpha1',
    plural: 'istiooperators',
    extension: true,
  },
  /** Of the Sail Operator, as are the next two. */
  sailistio: {
    kind: 'Istio',
    apiVersion: 'sailoperator.io/v1',
    plural: 'istios',
    global: true,
    extension: true,
  },
  istiorevision: {
    kind: 'IstioRevision',
    apiVersion: 'sailoperator.io/v1',
    plural: 'istiorevisions',
    global: true,
    extension: true,
  },
  istiorevisiontag: {
    kind: 'IstioRevisionTag',
    apiVersion: 'sailoperator.io/v1',
    plural: 'istiorevisiontags',
    global: true,
    extension: true,
  },
  revisionrollout: {
    kind: 'RevisionRollout',
    apiVersion: 'remora.dev/v1alpha1',
    plural: 'revisionrollouts',
    global: true,
    extension: true,
  },
  node: { kind: 'Node', apiVersion: 'v1', plural: 'nodes', global: true },
  namespace: { kind: 'Namespace', apiVersion: 'v1', plural: 'namespaces', global: true },
  mutatingwebhookconfiguration: {
    kind: 'MutatingWebhookConfiguration',
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'mutatingwebhookconfigurations',
    global: true,
  },
  validatingwebhookconfiguration: {
    kind: 'ValidatingWebhookConfiguration',
    apiVersion: 'admissionregistration.k8s.io/v1',
    plural: 'validatingwebhookconfigurations',
    global: true,
  },
} as const satisfies { readonly [word: string]: KindRow }

export type ObjectKind = keyof typeof OBJECT_KINDS

export function kindRow(kind: ObjectKind): KindRow {
  return OBJECT_KINDS[kind]
}

/** The kind that a reference or an object names; without an apiVersion the first of that name. @param kind in any case */
export function objectKindOf(apiVersion: string, kind: string): ObjectKind | undefined {
  const wanted = kind.toLowerCase()
  const found = Object.entries<KindRow>(OBJECT_KINDS).find(
    ([, row]) =>
      row.kind.toLowerCase() === wanted &&
      row.named === undefined &&
      (apiVersion === '' || groupOf(apiVersion) === groupOf(row.apiVersion)),
  )
  return found?.[0] as ObjectKind | undefined // a key of the table
}

/** `Deployment`; `Service.serving.knative.dev` where the kind alone would be taken for another one. */
export function titleOfKind(kind: ObjectKind): string {
  const { kind: name, apiVersion, qualified = false, named } = kindRow(kind)
  if (named !== undefined) return `${name} ${named}`
  return qualified ? `${name}.${groupOf(apiVersion)}` : name
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
