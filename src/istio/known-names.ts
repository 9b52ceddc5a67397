/**
 * The names of annotations and labels that Istio has or had, as its API lists them from 1.3 to 1.31: which of them steer
 * what an injected pod becomes, which are deprecated, and which belong to other parts of Istio. Only for telling
 * mistakes: nothing is decided by it. How names are compared is near-names.ts.
 */
import type { Gates } from './gates.ts'

export interface Deprecation {
  /** Istio's minor release in which it was deprecated, or stopped having an effect. */
  readonly since: string
  /** Whether it counts where these gates hold; absent: in every release that is served. */
  readonly applies?: (gates: Gates) => boolean
  /** What to use; absent: nothing reads it any more, and nothing takes its place. */
  readonly instead?: string
}

function named(prefix: string, names: string): string[] {
  return names.split(' ').map((name) => `${prefix}/${name}`)
}

/** What a pod may carry for its sidecar, and what it most likely meant where a name is close to one. */
export const sidecarAnnotations: readonly string[] = [
  ...named(
    'sidecar.istio.io',
    'inject status interceptionMode proxyImage proxyImageType proxyCPU proxyCPULimit proxyMemory proxyMemoryLimit bootstrapOverride userVolume userVolumeMount agentLogLevel logLevel componentLogLevel capNetBindService nativeSidecar rewriteAppHTTPProbers discoveryAddress extraStatTags statsCompression statsEvictionInterval statsFlushInterval statsHistogramBins statsHistogramBuckets statsInclusionPrefixes statsInclusionRegexps statsInclusionSuffixes',
  ),
  'status.sidecar.istio.io/port',
  ...named(
    'readiness.status.sidecar.istio.io',
    'applicationPorts failureThreshold initialDelaySeconds periodSeconds',
  ),
  ...named(
    'traffic.sidecar.istio.io',
    'includeOutboundIPRanges excludeOutboundIPRanges includeInboundPorts excludeInboundPorts includeOutboundPorts excludeOutboundPorts excludeInterfaces kubevirtInterfaces',
  ),
  ...named('istio.io', 'rev reroute-virtual-interfaces'),
  ...named('proxy.istio.io', 'config overrides'),
  ...named('prometheus.istio.io', 'merge-metrics scrape-targets secure-port'),
  'inject.istio.io/templates',
]

const PROXY_CONFIG = 'proxy.istio.io/config:'

const deprecated: ReadonlyMap<string, Deprecation> = new Map<string, Deprecation>([
  [
    'sidecar.istio.io/inject',
    {
      since: '1.15',
      applies: (gates) => gates.injectAnnotationDeprecated,
      instead: 'the label of this name',
    },
  ],
  ['sidecar.istio.io/discoveryAddress', { since: '1.9', instead: `${PROXY_CONFIG} discoveryAddress` }],
  ...named('sidecar.istio.io', 'statsInclusionPrefixes statsInclusionRegexps statsInclusionSuffixes').map(
    (name) => [name, { since: '1.9', instead: `${PROXY_CONFIG} proxyStatsMatcher` }] as const,
  ),
  [
    'sidecar.istio.io/extraStatTags',
    {
      since: '1.21',
      applies: (gates) => gates.extraStatTagsDeprecated,
      instead: `${PROXY_CONFIG} extraStatTags`,
    },
  ],
  [
    'sidecar.istio.io/statsCompression',
    {
      since: '1.29',
      applies: (gates) => gates.statsCompressionDeprecated,
      instead: `${PROXY_CONFIG} statsCompression`,
    },
  ],
  [
    'traffic.sidecar.istio.io/kubevirtInterfaces',
    {
      since: '1.25',
      applies: (gates) => gates.kubevirtInterfacesDeprecated,
      instead: 'istio.io/reroute-virtual-interfaces',
    },
  ],
  ['sidecar.istio.io/controlPlaneAuthPolicy', { since: '1.9' }],
  [
    'sidecar.istio.io/enableCoreDump',
    { since: '1.25', applies: (gates) => !gates.coreDumpAnnotationValidated },
  ],
])

/** Of gateways, ambient mode, Services, the operator, Mixer: they steer no sidecar, and are no mistakes. */
const otherAnnotations: readonly string[] = [
  ...named('alpha.istio.io', 'canonical-serviceaccounts identity kubernetes-serviceaccounts'),
  ...named('ambient.istio.io', 'bypass-inbound-capture dns-capture redirection waypoint-inbound-binding'),
  'galley.istio.io/analyze-suppress',
  ...named('gateway.istio.io', 'agentgatewayImage controller-version managed name-override service-account'),
  ...named('install.operator.istio.io', 'chart-owner owner-generation version'),
  ...named(
    'istio.io',
    'autoRegistrationGroup connectedAt disconnectedAt dry-run gateway-name use-waypoint-canary-weight workloadController',
  ),
  ...named('networking.alpha.istio.io', 'endpointsVersion notReadyEndpoints serviceVersion'),
  ...named('networking.istio.io', 'exportTo service-type traffic-distribution'),
  ...named('policy.istio.io', 'check checkBaseRetryWaitTime checkMaxRetryWaitTime checkRetries lang'),
  'security.istio.io/tlsMode',
  'topology.istio.io/controlPlaneClusters',
  ...named(
    'traffic.istio.io',
    'excludeInboundPorts excludeInterfaces excludeOutboundIPRanges excludeOutboundPorts includeInboundPorts includeOutboundIPRanges includeOutboundPorts nodeSelector',
  ),
]

/** Every annotation that is no mistake; those that are deprecated say by what they are replaced. */
export const knownAnnotations: ReadonlyMap<string, Deprecation | 'current'> = new Map<
  string,
  Deprecation | 'current'
>([...[...sidecarAnnotations, ...otherAnnotations].map((name) => [name, 'current'] as const), ...deprecated])

/** The labels of a namespace that choose who injects its pods. */
export const namespaceLabels: readonly string[] = ['istio-injection', 'istio.io/rev']

/** The labels of a pod that choose who injects it, or of which injection makes something. */
export const podLabels: readonly string[] = [
  'sidecar.istio.io/inject',
  'istio.io/rev',
  ...named('service.istio.io', 'canonical-name canonical-revision workload-name'),
  'security.istio.io/tlsMode',
  'topology.istio.io/network',
]

export const knownLabels: ReadonlySet<string> = new Set([
  ...namespaceLabels,
  ...podLabels,
  'gateway.istio.io/managed',
  'install.operator.istio.io/owning-resource',
  'istio-env',
  'istio-locality',
  'istio-operator-managed',
  'istio-prometheus-ignore',
  ...named(
    'istio.io',
    'dataplane-mode deactivated gateway-name global ingress-use-waypoint tag use-waypoint use-waypoint-canary use-waypoint-canary-namespace use-waypoint-namespace waypoint-for',
  ),
  ...named('networking.istio.io', 'enable-autoallocate-ip gatewayPort tunnel'),
  ...named('operator.istio.io', 'component managed version'),
  ...named('topology.istio.io', 'cluster locality subzone'),
])
