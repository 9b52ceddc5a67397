/**
 * The strings of a review that a capture keeps: those that affect injection or appear in its result. All
 * others become digests. docs/capture-format.md describes this table; redact-review.ts applies it.
 */

/** By Kubernetes struct: fields whose strings are kept, also if the field is a list or a map of strings. */
export const KEPT_FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    Pod: ['kind', 'apiVersion'],
    ObjectMeta: ['name', 'generateName', 'namespace', 'labels'],
    OwnerReference: ['apiVersion', 'kind', 'name'],
    PodSpec: [
      'serviceAccountName',
      'serviceAccount',
      'nodeName',
      'restartPolicy',
      'dnsPolicy',
      'runtimeClassName',
    ],
    LocalObjectReference: ['name'],
    Container: ['name', 'image', 'imagePullPolicy', 'restartPolicy', 'terminationMessagePolicy'],
    EphemeralContainer: ['name', 'image', 'imagePullPolicy', 'restartPolicy', 'terminationMessagePolicy'],
    ContainerPort: ['name', 'protocol'],
    EnvVar: ['name'],
    ObjectFieldSelector: ['apiVersion', 'fieldPath'],
    ResourceFieldSelector: ['containerName', 'resource'],
    ResourceClaim: ['name', 'request'],
    Volume: ['name'],
    EmptyDirVolumeSource: ['medium'],
    VolumeMount: ['name', 'mountPath', 'subPath', 'subPathExpr', 'mountPropagation', 'recursiveReadOnly'],
    VolumeDevice: ['name', 'devicePath'],
    HTTPGetAction: ['path', 'port', 'scheme'],
    HTTPHeader: ['name'],
    TCPSocketAction: ['port'],
    GRPCAction: ['service'],
    Capabilities: ['add', 'drop'],
    SeccompProfile: ['type'],
  }).map(([type, fields]) => [type, new Set(fields)]),
)

/** Maps whose keys are Kubernetes' names and whose values are quantities. */
export const KEPT_MAP_KEYS: ReadonlySet<string> = new Set(['limits', 'requests', 'overhead', 'labels'])

/** Fields of `request` whose strings are kept, and the fields of the four of them that are objects. */
export const KEPT_REQUEST_FIELDS: ReadonlySet<string> = new Set([
  'kind',
  'resource',
  'requestkind',
  'requestresource',
  'subresource',
  'requestsubresource',
  'name',
  'namespace',
  'operation',
])

/** Names from Kubernetes' own messages, kept as keys everywhere. */
export const ENVELOPE_KEYS: ReadonlySet<string> = new Set([
  'kind',
  'apiVersion',
  'request',
  'response',
  'uid',
  'resource',
  'requestKind',
  'requestResource',
  'subResource',
  'requestSubResource',
  'name',
  'namespace',
  'operation',
  'userInfo',
  'username',
  'groups',
  'extra',
  'object',
  'oldObject',
  'dryRun',
  'options',
  'group',
  'version',
  'fieldManager',
  'fieldValidation',
])

/** How the value of a known annotation is kept. */
export type AnnotationForm =
  /** Unchanged, if it is short and consists of letters, digits, blanks and `.,:*_/@=+-`. */
  | 'plain'
  /** JSON of Kubernetes' containers, redacted inside. */
  | 'overrides'
  /** JSON of names. */
  | 'names'
  /** YAML of a ProxyConfig, redacted inside. */
  | 'proxy-config'
  /** JSON of volumes or mounts by name, redacted inside. */
  | 'volumes'
  | 'mounts'

const PLAIN = [
  'sidecar.istio.io/inject',
  'sidecar.istio.io/rewriteAppHTTPProbers',
  'sidecar.istio.io/proxyImage',
  'sidecar.istio.io/proxyImageType',
  'sidecar.istio.io/logLevel',
  'sidecar.istio.io/componentLogLevel',
  'sidecar.istio.io/agentLogLevel',
  'sidecar.istio.io/bootstrapOverride',
  'sidecar.istio.io/capNetBindService',
  'sidecar.istio.io/controlPlaneAuthPolicy',
  'sidecar.istio.io/discoveryAddress',
  'sidecar.istio.io/enableCoreDump',
  'sidecar.istio.io/interceptionMode',
  'sidecar.istio.io/nativeSidecar',
  'sidecar.istio.io/proxyCPU',
  'sidecar.istio.io/proxyCPULimit',
  'sidecar.istio.io/proxyMemory',
  'sidecar.istio.io/proxyMemoryLimit',
  'sidecar.istio.io/statsInclusionPrefixes',
  'sidecar.istio.io/statsInclusionSuffixes',
  'sidecar.istio.io/statsInclusionRegexps',
  'sidecar.istio.io/extraStatTags',
  'sidecar.istio.io/statsCompression',
  'sidecar.istio.io/statsEvictionInterval',
  'sidecar.istio.io/statsFlushInterval',
  'sidecar.istio.io/statsHistogramBins',
  'sidecar.istio.io/statsHistogramBuckets',
  'status.sidecar.istio.io/port',
  'readiness.status.sidecar.istio.io/applicationPorts',
  'readiness.status.sidecar.istio.io/initialDelaySeconds',
  'readiness.status.sidecar.istio.io/periodSeconds',
  'readiness.status.sidecar.istio.io/failureThreshold',
  'traffic.sidecar.istio.io/includeOutboundIPRanges',
  'traffic.sidecar.istio.io/excludeOutboundIPRanges',
  'traffic.sidecar.istio.io/includeInboundPorts',
  'traffic.sidecar.istio.io/excludeInboundPorts',
  'traffic.sidecar.istio.io/includeOutboundPorts',
  'traffic.sidecar.istio.io/excludeOutboundPorts',
  'traffic.sidecar.istio.io/excludeInterfaces',
  'traffic.sidecar.istio.io/kubevirtInterfaces',
  'istio.io/reroute-virtual-interfaces',
  'istio.io/rev',
  'inject.istio.io/templates',
  'topology.istio.io/network',
  'prometheus.istio.io/merge-metrics',
  'prometheus.istio.io/scrape-targets',
  'prometheus.istio.io/secure-port',
  'prometheus.io/scrape',
  'prometheus.io/port',
  'prometheus.io/path',
  'prometheus.io/scheme',
  'k8s.v1.cni.cncf.io/networks',
  'kubectl.kubernetes.io/default-container',
  'kubectl.kubernetes.io/default-logs-container',
  'openshift.io/sa.scc.uid-range',
  'openshift.io/sa.scc.supplemental-groups',
]

export const KEPT_ANNOTATIONS: ReadonlyMap<string, AnnotationForm> = new Map<string, AnnotationForm>([
  ...PLAIN.map((name) => [name, 'plain'] as const),
  ['proxy.istio.io/overrides', 'overrides'],
  ['sidecar.istio.io/status', 'names'],
  ['proxy.istio.io/config', 'proxy-config'],
  ['sidecar.istio.io/userVolume', 'volumes'],
  ['sidecar.istio.io/userVolumeMount', 'mounts'],
])

/** Strings of a ProxyConfig that are kept: durations, numbers, fixed words, addresses and names. */
export const KEPT_PROXY_CONFIG: ReadonlySet<string> = new Set([
  'discoveryAddress',
  'drainDuration',
  'parentShutdownDuration',
  'terminationDrainDuration',
  'fileFlushInterval',
  'interceptionMode',
  'controlPlaneAuthPolicy',
  'tracingServiceName',
  'proxyBootstrapTemplatePath',
  'serviceCluster',
  'imageType',
  'mode',
  'forwardClientCertDetails',
  'statsdUdpAddress',
])

/** Other fields: their names are kept, their strings are not. */
export const PROXY_CONFIG_KEYS: ReadonlySet<string> = new Set([
  ...KEPT_PROXY_CONFIG,
  'configPath',
  'binaryPath',
  'customConfigFile',
  'concurrency',
  'image',
  'tracing',
  'sampling',
  'zipkin',
  'lightstep',
  'datadog',
  'stackdriver',
  'openCensusAgent',
  'address',
  'accessToken',
  'customTags',
  'maxPathTagLength',
  'tlsSettings',
  'sds',
  'enabled',
  'k8sSaJwtPath',
  'envoyAccessLogService',
  'envoyMetricsService',
  'envoyMetricsServiceAddress',
  'proxyMetadata',
  'runtimeValues',
  'statusPort',
  'proxyAdminPort',
  'statNameLength',
  'extraStatTags',
  'gatewayTopology',
  'numTrustedProxies',
  'proxyProtocol',
  'proxyStatsMatcher',
  'inclusionPrefixes',
  'inclusionSuffixes',
  'inclusionRegexps',
  'readinessProbe',
  'holdApplicationUntilProxyStarts',
  'caCertificatesPem',
  'privateKeyProvider',
  'cryptomb',
  'qat',
  'pollDelay',
  'proxyHeaders',
  'meshId',
  'availabilityZone',
])

/** Values of `proxyMetadata` that are kept: switches and numbers. */
export const PLAIN_METADATA = /^(?:true|false|[0-9]{1,6})$/

export const PLAIN_TEXT = /^[A-Za-z0-9.,:*_/@=+ -]{0,512}$/

/** A time in Kubernetes' format, which its decoder requires. */
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Control-plane variables that Remora itself reads. Others are kept only if the injector configuration names them.
 */
export const KEPT_ENVIRONMENT: ReadonlySet<string> = new Set([
  'CLUSTER_ID',
  'PLATFORM',
  'COMPLIANCE_POLICY',
  'ENABLE_NATIVE_SIDECARS',
])

/** Variables of a path that are names. */
export const KEPT_PATH_VARIABLES: ReadonlySet<string> = new Set([
  'ISTIO_META_CLUSTER_ID',
  'ISTIO_META_NETWORK',
])
