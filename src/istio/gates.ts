/**
 * The one table of differences between Istio versions. Other code calls `gatesFor(version)` once, when it compiles a
 * revision's configuration, and reads booleans; nothing else compares versions.
 *
 * To add a row: choose a camelCase name that reads as a statement which is true from `since` on (preferable to
 * `until`), the first release (`1.27.6/1.28.4/1.29.0` if it was backported: one release per minor, the last one also
 * for all later minors), and one sentence. Check both against Istio's release tags. Rows are in the order of `since`.
 */
import { type IstioVersion, parseIstioVersion } from './version.ts'

interface GateRow {
  /** First release with the behaviour; several if patch releases of older minors have it too. */
  readonly since: string
  /** First release without it. */
  readonly until?: string
  readonly sentence: string
}

export const gateTable = {
  coreDumpAnnotationValidated: {
    since: '1.9',
    until: '1.25',
    sentence: 'the annotation sidecar.istio.io/enableCoreDump is validated',
  },
  proxyMetadataMerges: {
    since: '1.10',
    sentence:
      'proxyMetadata of mesh defaultConfig and of the annotation proxy.istio.io/config are merged by key',
  },
  webhookPathEnvironment: {
    since: '1.10',
    sentence: 'the webhook path carries environment as /inject/:ENV:key=value or /inject/key/value',
  },
  statusNamesRevision: { since: '1.11', sentence: 'the status annotation has `revision`' },
  injectLabelBeatsAnnotation: {
    since: '1.12',
    sentence: 'the label sidecar.istio.io/inject takes precedence over the annotation',
  },
  tcpProbesRewritten: { since: '1.12', sentence: 'TCP probes are rewritten' },
  deploymentConfigOwner: {
    since: '1.12.1',
    sentence: 'a DeploymentConfig is recognised as the owner of a pod',
  },
  proxyConfigResources: {
    since: '1.13',
    sentence: 'ProxyConfig resources are merged into the effective ProxyConfig',
  },
  proxyImageInData: { since: '1.13', sentence: 'template data has .ProxyImage' },
  grpcProbesRewritten: { since: '1.13', sentence: 'gRPC probes are rewritten' },
  prometheusScrapeFalseOptsOut: {
    since: '1.13',
    sentence: 'prometheus.io/scrape=false opts out of metrics merging',
  },
  prometheusNamesSanitised: {
    since: '1.13',
    sentence:
      'Prometheus annotations are recognised in every spelling that Prometheus treats as the same name',
  },
  webhookPathSlashEscape: { since: '1.15', sentence: '--slash-- in the webhook path stands for a slash' },
  excludeInterfacesFunction: { since: '1.15', sentence: 'the template function excludeInterfaces exists' },
  multusAppendIdempotent: { since: '1.15', sentence: 'the Multus network is not appended twice' },
  injectAnnotationDeprecated: {
    since: '1.15',
    sentence: 'the annotation sidecar.istio.io/inject is deprecated in favour of the label',
  },
  cidrValidated: { since: '1.16', sentence: 'annotations with IP ranges are validated as CIDRs' },
  proxyConfigJsonMerge: {
    since: '1.16.4/1.17.2/1.18',
    sentence:
      'ProxyConfigs of different levels are merged through JSON, so that zero values of a level are lost',
  },
  previousInjectionIgnored: {
    since: '1.17',
    sentence: 'containers of an earlier injection are not treated as containers of the pod itself',
  },
  appProbersMerged: { since: '1.17', sentence: 'ISTIO_KUBE_APP_PROBERS of an earlier injection is merged' },
  drainDurationLimited: {
    since: '1.17',
    until: '1.22',
    sentence: 'drainDuration of a ProxyConfig annotation may be at most one hour',
  },
  stringMapFunctions: { since: '1.18', sentence: 'the template functions omit, strdict and toJsonMap exist' },
  noParentShutdownDefault: {
    since: '1.17',
    sentence: 'ProxyConfig has no default parentShutdownDuration (60s before)',
  },
  noConcurrencyDefault: { since: '1.18', sentence: 'ProxyConfig has no default concurrency (2 before)' },
  meshDefaultsSince118: {
    since: '1.18',
    sentence: 'MeshConfig defaults to enablePrometheusMerge and to the inbound listener port 15006',
  },
  revisionAnnotation: { since: '1.18', sentence: 'the pod gets the annotation istio.io/rev' },
  nativeSidecars: { since: '1.19', sentence: 'istiod may inject istio-proxy as a native sidecar' },
  sprigToJson: {
    since: '1.19',
    sentence: "the template function toJson is sprig's, no longer an alias of toJSON",
  },
  nativeOverrideFound: {
    since: '1.19',
    sentence: 'a container of the pod also overrides an init container of that name that a template adds',
  },
  initContainerProbesRewritten: { since: '1.19', sentence: 'probes of init containers are rewritten' },
  compliancePolicy: { since: '1.19.8/1.20.4/1.21', sentence: 'template data has .CompliancePolicy' },
  proxyHeadersMerge: { since: '1.19.1', sentence: 'proxyHeaders are merged per field' },
  openShiftIds: {
    since: '1.20',
    sentence: 'template data has .ProxyUID and .ProxyGID; on OpenShift they come from the namespace',
  },
  autoImageUserReset: {
    since: '1.20.1',
    until: '1.20.7/1.21.3/1.22.1',
    sentence: 'runAsUser of an overridden container is removed if the template sets one other than 1337',
  },
  initUserAdjusted: {
    since: '1.20.7/1.21.3/1.22.1',
    sentence: 'the user of the init container is adjusted to that of the proxy',
  },
  extraStatTagsDeprecated: {
    since: '1.21',
    sentence: 'the annotation sidecar.istio.io/extraStatTags is deprecated in favour of ProxyConfig',
  },
  mergeMapsFunction: { since: '1.21', sentence: 'the template function mergeMaps exists' },
  noTracerDefault: {
    since: '1.22',
    sentence: 'ProxyConfig has no default tracer (Zipkin in istio-system before)',
  },
  deploymentMetaIsName: { since: '1.22', sentence: '.DeploymentMeta has only Name and Namespace' },
  inboundTrafficPolicyMode: { since: '1.22', sentence: 'template data has .InboundTrafficPolicyMode' },
  globalVariant: { since: '1.22', sentence: 'values.global.variant is appended to the image tag' },
  argoRolloutOwner: { since: '1.22', sentence: 'an Argo Rollout is recognised as the owner of a pod' },
  cronJobBatchV1: { since: '1.22', sentence: 'the owner of a CronJob pod has the API version batch/v1' },
  factsByCluster: {
    since: '1.22',
    sentence: 'namespaces and nodes are looked up in the cluster that the request names',
  },
  openShiftRunAsUserReset: {
    since: '1.23.1',
    sentence: 'on OpenShift a runAsUser that equals the proxy user is reset',
  },
  multusNamespaceAware: {
    since: '1.23.6/1.24.4/1.25.1',
    sentence: 'Multus networks are compared by name and namespace',
  },
  nativeSidecarAnnotation: {
    since: '1.24',
    sentence: 'the annotation sidecar.istio.io/nativeSidecar is supported',
  },
  nullValuesRefused: { since: '1.24', sentence: 'empty or null injector values are an error' },
  lifecycleHandlersRewritten: { since: '1.25', sentence: 'HTTP and TCP lifecycle handlers are rewritten' },
  kubevirtInterfacesDeprecated: {
    since: '1.25',
    sentence:
      'the annotation kubevirtInterfaces is deprecated in favour of istio.io/reroute-virtual-interfaces',
  },
  valuesCarryPilotEnv: {
    since: '1.26',
    sentence: 'pilot.env of the values sets environment variables of the control plane',
  },
  tracingConfigMapCredential: {
    since: '1.26',
    sentence:
      'a configmap:// credentialName in the tracing TLS settings of a ProxyConfig annotation is refused',
  },
  nativeSidecarsAuto: {
    since: '1.27',
    sentence: 'unless configured, the kubelet versions decide for each pod whether its sidecar is native',
  },
  injectValueExact: {
    since: '1.27',
    sentence: 'only the exact values true and false are accepted for sidecar.istio.io/inject',
  },
  openShiftCountsInitContainers: {
    since: '1.27',
    sentence: 'on OpenShift, init containers are considered when the user of the application is determined',
  },
  appProbersAddedWhenMissing: {
    since: '1.27',
    sentence: 'ISTIO_KUBE_APP_PROBERS is added to a re-injected pod whose proxy lacks it',
  },
  quantitiesValidated: {
    since: '1.27.6/1.28.4/1.29.0',
    sentence: 'proxyCPU, proxyMemory and their limits are validated',
  },
  omitNil: { since: '1.28.6/1.29.1/1.30', sentence: 'the template function omitNil exists' },
  creationTimestampOmitted: {
    since: '1.28',
    sentence: "Go's encoding leaves an unset creationTimestamp out instead of writing null",
  },
  tagServices: { since: '1.28', sentence: 'Services can define revision tags too' },
  statsCompressionDeprecated: {
    since: '1.29',
    sentence: 'the annotation sidecar.istio.io/statsCompression is deprecated in favour of ProxyConfig',
  },
  otelResourceAttributes: { since: '1.30', sentence: 'the template function otelResourceAttributes exists' },
  interfaceListsValidated: { since: '1.30', sentence: 'annotations that list interfaces are validated' },
  proxyInitImage: { since: '1.31', sentence: 'template data has .ProxyInitImage' },
  imageTypeFallsBackToVariant: {
    since: '1.31',
    sentence: 'an empty imageType falls back to values.global.variant',
  },
  scrapeTargets: {
    since: '1.31',
    sentence: 'the annotations prometheus.istio.io/scrape-targets and secure-port are supported',
  },
  connectionSettingsValidated: {
    since: '1.31',
    sentence: 'connectionSettings of a ProxyConfig annotation are validated',
  },
} as const satisfies { readonly [name: string]: GateRow }

export type GateName = keyof typeof gateTable
export type Gates = { readonly [name in GateName]: boolean }

/** Which switches are on for a release; frozen. */
export function gatesFor(version: IstioVersion): Gates {
  const entries = Object.entries<GateRow>(gateTable).map(([name, row]) => [
    name,
    reached(row.since, version) && (row.until === undefined || !reached(row.until, version)),
  ])
  // The keys are those of the table, which Object.fromEntries loses in its type.
  return Object.freeze(Object.fromEntries(entries)) as Gates
}

/** Whether the release is one of the stated first releases or later (at most one per minor, ascending). */
function reached(releases: string, version: IstioVersion): boolean {
  const firsts = releases.split('/').map((text) => {
    const first = parseIstioVersion(text)
    if (first === undefined) throw new TypeError(`not a release: ${text}`)
    return first
  })
  const last = firsts.at(-1)
  if (last !== undefined && (version.major > last.major || version.minor > last.minor)) return true
  return firsts.some((first) => first.minor === version.minor && version.patch >= first.patch)
}
