/**
 * The annotations and labels that Istio has or had, as its API lists them from 1.3 to 1.31: those that affect an
 * injected pod, those that are deprecated, and those of other parts of Istio. Used only to find mistakes, never for a
 * decision. Names are compared in near-names.ts.
 */
import type { Gates } from './gates.ts'

export interface Deprecation {
  /** Istio's minor release in which it was deprecated or lost its effect. */
  readonly since: string
  /** Whether the deprecation applies with these gates; absent: in every supported release. */
  readonly applies?: (gates: Gates) => boolean
  /** The replacement; absent: nothing reads it any more and nothing replaces it. */
  readonly instead?: string
}

function named(prefix: string, names: string): string[] {
  return names.split(' ').map((name) => `${prefix}/${name}`)
}

/** Annotations of a pod that affect its sidecar, which a similar unknown name most likely meant. */
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

/**
 * Annotations of gateways, ambient mode, Services, the operator and Mixer: they do not affect sidecars, but are valid.
 */
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

/** Every known annotation, with its replacement if it is deprecated. */
export const knownAnnotations: ReadonlyMap<string, Deprecation | 'current'> = new Map<
  string,
  Deprecation | 'current'
>([...[...sidecarAnnotations, ...otherAnnotations].map((name) => [name, 'current'] as const), ...deprecated])

/** Labels of a namespace that select the injector of its pods. */
export const namespaceLabels: readonly string[] = ['istio-injection', 'istio.io/rev']

/** Labels of a pod that select its injector or that injection uses. */
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
