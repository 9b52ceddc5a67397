/**
 * Which mesh configurations Istio refuses (pkg/config/validation/agent, ValidateMeshConfig of 1.9 to 1.30). What
 * Istio only warns about is not here. Not covered: the traffic policy and inbound retry defaults that 1.31's
 * master has; they do not take part in injection.
 */
import { portProblem, proxyAddressProblem, trustDomainProblem, wildcardDomainProblem } from './addresses.ts'
import { durationNanos, formatNanos } from './duration.ts'
import { localityProblems } from './locality-validation.ts'
import type { MeshConfig, ProtoMessage, ProtoValue, ProxyConfig } from './proto-message.ts'

const millisecond = 1_000_000n
const second = 1_000_000_000n

/** Everything that is wrong, in Istio's order; empty where the mesh is fine. */
export function validateMeshConfig(mesh: MeshConfig): readonly string[] {
  const problems: string[] = []
  const check = (prefix: string, problem: string | undefined) => {
    if (problem !== undefined) problems.push(prefix + problem)
  }
  check('invalid proxy listen port: ', portProblem(number(mesh['proxyListenPort'])))
  check('invalid connect timeout: ', connectTimeoutProblem(message(mesh['connectTimeout'])))
  const detection = durationNanos(message(mesh['protocolDetectionTimeout']))
  if (detection % millisecond !== 0n) {
    problems.push('invalid protocol detection timeout: only durations to ms precision are supported')
  }
  problems.push(...proxyConfigProblems(mesh.defaultConfig ?? {}))
  problems.push(...localityProblems(message(mesh['localityLbSetting'])))
  for (const [i, setting] of list(mesh['serviceSettings']).entries()) {
    for (const host of list(message(setting)?.['hosts'])) {
      check(`serviceSettings[${i}], host ${host}: `, wildcardDomainProblem(text(host)))
    }
  }
  check('trustDomain: ', trustDomainProblem(mesh.trustDomain ?? ''))
  for (const [i, alias] of list(mesh['trustDomainAliases']).entries()) {
    check(`trustDomainAliases[${i}], domain ${alias}: `, trustDomainProblem(text(alias)))
  }
  if (list(message(mesh['meshMTLS'])?.['ecdhCurves']).length > 0) {
    problems.push('mesh TLS does not support ECDH curves configuration')
  }
  return problems
}

function durationProblem(duration: ProtoMessage | undefined): string | undefined {
  const nanos = durationNanos(duration)
  if (nanos < millisecond) return `duration ${formatNanos(nanos)} must be at least 1ms`
  return nanos % millisecond === 0n ? undefined : 'only durations to ms precision are supported'
}

function connectTimeoutProblem(timeout: ProtoMessage | undefined): string | undefined {
  const problem = durationProblem(timeout)
  if (problem !== undefined) return problem
  return durationNanos(timeout) > 3600n * second ? 'time must be from 1ms to 1h0m0s' : undefined
}

function drainProblem(drain: ProtoMessage | undefined): string | undefined {
  const problem = durationProblem(drain)
  if (problem !== undefined) return `invalid drain duration: ${problem}`
  return durationNanos(drain) % second === 0n
    ? undefined
    : 'drain time only supports durations to seconds precision'
}

/** Of the mesh's defaultConfig, with its defaults. */
function proxyConfigProblems(config: ProxyConfig): readonly string[] {
  const problems: string[] = []
  const check = (prefix: string, problem: string | undefined) => {
    if (problem !== undefined) problems.push(prefix + problem)
  }
  if ((config.configPath ?? '') === '') problems.push('config path must be set')
  if ((config.binaryPath ?? '') === '') problems.push('binary path must be set')
  if (config.serviceCluster === '') problems.push('service cluster must be specified')
  else if (config.serviceCluster === undefined && config['tracingServiceName'] === undefined) {
    problems.push('oneof service cluster or tracing service name must be specified')
  }
  check('', drainProblem(message(config['drainDuration'])))
  if ((config.discoveryAddress ?? '') === '') {
    problems.push('discovery address must be set to the proxy discovery service')
  } else {
    check('invalid discovery address: ', proxyAddressProblem(config.discoveryAddress ?? ''))
  }
  problems.push(...tracingProblems(message(config['tracing'])))
  for (const [name, what] of [
    ['statsdUdpAddress', 'statsd udp address'],
    ['envoyMetricsServiceAddress', 'envoy metrics service address'],
  ] as const) {
    const address = text(config[name])
    if (address !== '') check(`invalid ${what} ${JSON.stringify(address)}: `, proxyAddressProblem(address))
  }
  for (const [name, what] of [
    ['envoyMetricsService', 'envoy metrics service address'],
    ['envoyAccessLogService', 'envoy access log service address'],
  ] as const) {
    const address = text(message(config[name])?.['address'])
    if (address !== '') check(`invalid ${what} ${JSON.stringify(address)}: `, proxyAddressProblem(address))
  }
  check('invalid proxy admin port: ', portProblem(config.proxyAdminPort ?? 0))
  const policy = number(config['controlPlaneAuthPolicy'])
  if (policy !== 0 && policy !== 1) problems.push(`unrecognized control plane auth policy ${policy}`)
  check('invalid status port: ', portProblem(config.statusPort ?? 0))
  const provider = message(config['privateKeyProvider'])
  if (provider !== undefined)
    check('invalid private key provider configuration: ', keyProviderProblem(provider))
  return problems
}

function tracingProblems(tracing: ProtoMessage | undefined): readonly string[] {
  const problems: string[] = []
  const collector = (name: string, address: string) => {
    const problem = proxyAddressProblem(address)
    if (problem !== undefined) problems.push(`invalid ${name} config: ${problem}`)
  }
  const lightstep = message(tracing?.['lightstep'])
  if (lightstep !== undefined) {
    collector('lightstep', text(lightstep['address']))
    if (text(lightstep['accessToken']) === '')
      problems.push('invalid lightstep config: access token is required')
  }
  for (const name of ['zipkin', 'datadog']) {
    const tracer = message(tracing?.[name])
    if (tracer !== undefined) collector(name, text(tracer['address']).replace('$(HOST_IP)', '127.0.0.1'))
  }
  const tls = message(tracing?.['tlsSettings'])
  if (tls !== undefined)
    problems.push(...tlsProblems(tls).map((problem) => `invalid tracing TLS config: ${problem}`))
  return problems
}

/** 1 is SIMPLE, 2 MUTUAL; the other modes are not checked. */
function tlsProblems(tls: ProtoMessage): readonly string[] {
  const set = (...names: readonly string[]) =>
    names.some((name) => text(tls[name]) !== '' || list(tls[name]).length > 0)
  const mode = number(tls['mode'])
  const problems: string[] = []
  if (message(tls['insecureSkipVerify'])?.['value'] === true) {
    if (mode === 1 && set('caCertificates', 'credentialName', 'subjectAltNames')) {
      problems.push(
        'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true',
      )
    }
    if (mode === 2 && set('caCertificates', 'subjectAltNames')) {
      problems.push('cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true')
    }
  }
  if ((mode === 1 || mode === 2) && set('credentialName')) {
    if (set('clientCertificate', 'caCertificates', 'privateKey', 'caCrl')) {
      problems.push('cannot specify client certificates or CA certificate or CA CRL if credentialName is set')
    }
    return problems
  }
  if (mode === 2 && !set('clientCertificate')) problems.push('client certificate required for mutual tls')
  if (mode === 2 && !set('privateKey')) problems.push('private key required for mutual tls')
  return problems
}

function keyProviderProblem(provider: ProtoMessage): string | undefined {
  const chosen = message(provider['cryptomb']) ?? message(provider['qat'])
  if (chosen === undefined) return 'private key provider configuration is required'
  const delay = message(chosen['pollDelay'])
  if (delay === undefined) return 'pollDelay is required'
  return durationNanos(delay) === 0n ? 'pollDelay must be non zero' : undefined
}

function number(value: ProtoValue | undefined): number {
  return typeof value === 'number' ? value : 0
}

function text(value: ProtoValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function list(value: ProtoValue | undefined): readonly ProtoValue[] {
  return Array.isArray(value) ? value : []
}

function message(value: ProtoValue | undefined): ProtoMessage | undefined {
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Map) return undefined
  // Neither a scalar, a list nor a map.
  return value as ProtoMessage
}
