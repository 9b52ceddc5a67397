/**
 * Validates the annotation proxy.istio.io/config: merged over Istio's default ProxyConfig it must be one that can run
 * (ValidateMeshConfigProxyConfig of pkg/config/validation, Istio 1.19 to 1.31). Its effect on the pod is in
 * proxy-config.ts.
 */
import { JsonError, parseYaml } from '../json/index.ts'
import { quoteText } from '../visible-text.ts'
import { checkAddress, checkPortNumber } from './annotation-address.ts'
import { durationNanos } from './duration.ts'
import type { Gates } from './gates.ts'
import { defaultProxyConfig } from './mesh-defaults.ts'
import { applyJson, ProtoDecodeError } from './proto-decode.ts'
import type { ProtoMessage, ProtoValue } from './proto-message.ts'
import { protoSchemaFor, proxyConfigMessage } from './proto-schema.ts'
import type { IstioVersion } from './version.ts'

export interface AnnotationCheckOptions {
  readonly version: IstioVersion
  readonly gates: Gates
}

/** All problems, joined by `; `; undefined if the text is valid. */
export function checkProxyConfig(text: string, options: AnnotationCheckOptions): string | undefined {
  let config: ProtoMessage
  try {
    const json = parseYaml(text, { source: 'annotation proxy.istio.io/config' })
    config = applyJson(
      protoSchemaFor(options.version),
      proxyConfigMessage,
      json,
      defaultProxyConfig(options.gates),
    )
  } catch (error) {
    if (error instanceof ProtoDecodeError || error instanceof JsonError) {
      return `failed to convert to apply proxy config: ${error instanceof JsonError ? withoutQuotes(error.message) : error.message}`
    }
    throw error
  }
  const causes = proxyConfigCauses(config, options.gates)
  return causes.length === 0 ? undefined : causes.join('; ')
}

/** All problems of a whole ProxyConfig, also the mesh's own, in Istio's order. */
export function proxyConfigCauses(config: ProtoMessage, gates: Gates): readonly string[] {
  return [
    ...basics(config),
    ...drainDuration(config, gates),
    ...tracing(config, gates),
    ...services(config),
    ...ports(config),
    ...privateKeyProvider(config),
    ...(gates.connectionSettingsValidated ? connectionSettings(config) : []),
  ]
}

/**
 * A parser may quote a secret from this text: where it fails, the field is not known. An unterminated quote extends to
 * the end of the text, so that no character is scanned twice.
 */
function withoutQuotes(message: string): string {
  return message.replace(/"(?:\\.?|[^"\\])*(?:"|$)/gs, '(not shown)')
}

function basics(config: ProtoMessage): string[] {
  const causes: string[] = []
  if (text(config, 'configPath') === '') causes.push('config path must be set')
  if (text(config, 'binaryPath') === '') causes.push('binary path must be set')
  if (config['serviceCluster'] === '') causes.push('service cluster must be specified')
  else if (config['serviceCluster'] === undefined && config['tracingServiceName'] === undefined) {
    causes.push('oneof service cluster or tracing service name must be specified')
  }
  const discovery = text(config, 'discoveryAddress')
  if (discovery === '') causes.push('discovery address must be set to the proxy discovery service')
  else causes.push(...prefixed('invalid discovery address', checkAddress(discovery)))
  return causes
}

function drainDuration(config: ProtoMessage, gates: Gates): string[] {
  const nanos = durationNanos(sub(config, 'drainDuration'))
  if (nanos < 1_000_000n) return ['invalid drain duration: duration must be greater than 1ms']
  if (nanos % 1_000_000n !== 0n)
    return ['invalid drain duration: only durations to ms precision are supported']
  const causes: string[] = []
  if (nanos % 1_000_000_000n !== 0n) causes.push('drain time only supports durations to seconds precision')
  // Istio 1.17 to 1.21
  if (gates.drainDurationLimited && nanos > 3_600_000_000_000n) causes.push('drain time must be <1h0m0s')
  return causes
}

function tracing(config: ProtoMessage, gates: Gates): string[] {
  const tracing = sub(config, 'tracing')
  if (tracing === undefined) return []
  const causes: string[] = []
  const lightstep = sub(tracing, 'lightstep')
  if (lightstep !== undefined) {
    const address = text(lightstep, 'address')
    if (address === '') causes.push('invalid lightstep config: address is required')
    causes.push(...prefixed('invalid lightstep config: invalid lightstep address', checkAddress(address)))
    if (text(lightstep, 'accessToken') === '')
      causes.push('invalid lightstep config: access token is required')
  }
  for (const name of ['zipkin', 'datadog']) {
    const collector = sub(tracing, name)
    // The kubelet replaces $(HOST_IP); for this check any address will do.
    const address = collector && text(collector, 'address').replace('$(HOST_IP)', '127.0.0.1')
    if (address !== undefined) causes.push(...prefixed(`invalid ${name} config`, checkAddress(address)))
  }
  const tls = sub(tracing, 'tlsSettings')
  if (tls !== undefined)
    causes.push(...tlsSettings(tls, gates).map((cause) => `invalid tracing TLS config: ${cause}`))
  return causes
}

const tlsModes = { SIMPLE: 1, MUTUAL: 2 }

function tlsSettings(tls: ProtoMessage, gates: Gates): string[] {
  const causes: string[] = []
  const has = (name: string) => text(tls, name) !== ''
  const mode = tls['mode'] ?? 0
  const simple = mode === tlsModes.SIMPLE
  const mutual = mode === tlsModes.MUTUAL
  // Istio 1.26+: only Gateways may name a ConfigMap, because it must be in the namespace of the configuration.
  if (gates.tracingConfigMapCredential && text(tls, 'credentialName').startsWith('configmap://')) {
    causes.push('invalid configmap:// credentialName: it cannot be used here')
  }
  if (sub(tls, 'insecureSkipVerify')?.['value'] === true) {
    const names = tls['subjectAltNames'] !== undefined
    if (simple && (has('caCertificates') || has('credentialName') || names)) {
      causes.push(
        'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set',
      )
    }
    if (mutual && (has('caCertificates') || names)) {
      causes.push('cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set')
    }
  }
  if ((simple || mutual) && has('credentialName')) {
    if (['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'].some(has)) {
      causes.push('cannot specify client certificates or CA certificate or CA CRL if credentialName is set')
    }
    return causes
  }
  if (mutual && !has('clientCertificate')) causes.push('client certificate required for mutual tls')
  if (mutual && !has('privateKey')) causes.push('private key required for mutual tls')
  return causes
}

function services(config: ProtoMessage): string[] {
  const addresses = [
    ['statsd udp', text(config, 'statsdUdpAddress')],
    ['envoy metrics service', text(config, 'envoyMetricsServiceAddress')],
    ['envoy metrics service', text(sub(config, 'envoyMetricsService') ?? {}, 'address')],
    ['envoy access log service', text(sub(config, 'envoyAccessLogService') ?? {}, 'address')],
  ] as const
  return addresses.flatMap(([name, address]) =>
    address === '' ? [] : prefixed(`invalid ${name} address ${quoteText(address)}`, checkAddress(address)),
  )
}

function ports(config: ProtoMessage): string[] {
  const policy = config['controlPlaneAuthPolicy'] ?? 0
  return [
    ...prefixed('invalid proxy admin port', checkPortNumber(Number(config['proxyAdminPort'] ?? 0))),
    ...(policy === 0 || policy === 1
      ? []
      : [`invalid authentication policy: unrecognized control plane auth policy ${policy}`]),
    ...prefixed('invalid status port', checkPortNumber(Number(config['statusPort'] ?? 0))),
  ]
}

function privateKeyProvider(config: ProtoMessage): string[] {
  const provider = sub(config, 'privateKeyProvider')
  if (provider === undefined) return []
  const prefix = 'invalid private key provider configuration'
  const kind = ['cryptomb', 'qat'].find((name) => sub(provider, name) !== undefined)
  if (kind === undefined) return [`${prefix}: private key provider configuration is required`]
  const delay = sub(sub(provider, kind) ?? {}, 'pollDelay')
  if (delay === undefined) return [`${prefix}: pollDelay is required`]
  return durationNanos(delay) === 0n ? [`${prefix}: pollDelay must be non zero`] : []
}

/** Wrapped numbers with the least allowed value. */
const connectionNumbers: readonly (readonly [string, number])[] = [
  ['listenerPerConnectionBufferLimitBytes', 0],
  ['clusterPerConnectionBufferLimitBytes', 0],
  ['httpMaxConcurrentStreams', 1],
  ['http2InitialStreamWindowSize', 65535],
  ['http2InitialConnectionWindowSize', 65535],
  ['listenerConnectionLimit', 1],
  ['globalDownstreamConnectionLimit', 1],
]
const connectionDurations = [
  'httpIdleTimeout',
  'httpMaxConnectionDuration',
  'httpDrainTimeout',
  'httpRequestTimeout',
  'httpRequestHeadersTimeout',
  'httpStreamIdleTimeout',
  'httpMaxStreamDuration',
]

function connectionSettings(config: ProtoMessage): string[] {
  const settings = sub(config, 'connectionSettings')
  if (settings === undefined) return []
  const causes: string[] = []
  for (const [name, least] of connectionNumbers) {
    const wrapper = sub(settings, name)
    if (wrapper !== undefined && Number(wrapper['value'] ?? 0) < least)
      causes.push(`${name} must be at least ${least}`)
  }
  for (const name of connectionDurations) {
    const duration = sub(settings, name)
    if (duration !== undefined && durationNanos(duration) < 0n) causes.push(`${name} must be non-negative`)
  }
  return causes.map((cause) => `invalid connection settings: ${cause}`)
}

function prefixed(prefix: string, cause: string | undefined): string[] {
  return cause === undefined ? [] : [`${prefix}: ${cause}`]
}

function text(message: ProtoMessage, name: string): string {
  const value = message[name]
  return typeof value === 'string' ? value : ''
}

function sub(message: ProtoMessage, name: string): ProtoMessage | undefined {
  const value: ProtoValue | undefined = message[name]
  const isMessage = typeof value === 'object' && !Array.isArray(value) && !(value instanceof Map)
  // Of ProtoValue's object kinds only a message remains.
  return isMessage ? (value as ProtoMessage) : undefined
}
