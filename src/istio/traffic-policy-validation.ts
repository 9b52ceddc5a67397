/**
 * The mesh-wide traffic and retry policies that Istio 1.31 refuses: defaultTrafficPolicy and
 * defaultInboundHttpRetryPolicy. Older releases do not have these fields. Field names are in the messages, which Istio's
 * own do not have.
 */
import { durationNanos, formatNanos } from './duration.ts'
import type { ProtoMessage, ProtoValue } from './proto-message.ts'

const millisecond = 1_000_000n

/** `connectionPool` and `outlierDetection` by the rules of a DestinationRule. */
export function trafficPolicyProblems(policy: ProtoMessage | undefined): readonly string[] {
  const root = 'defaultTrafficPolicy'
  const [pool, detection] = [message(policy?.['connectionPool']), message(policy?.['outlierDetection'])]
  return [
    ...(pool === undefined ? [] : poolProblems(pool, `${root}.connectionPool`)),
    ...(detection === undefined ? [] : detectionProblems(detection, `${root}.outlierDetection`)),
  ]
}

function poolProblems(pool: ProtoMessage, path: string): readonly string[] {
  const [http, tcp] = [message(pool['http']), message(pool['tcp'])]
  if (http === undefined && tcp === undefined) return [`${path}: connection pool must have http or tcp`]
  return [
    ...(http === undefined ? [] : httpProblems(http, `${path}.http`)),
    ...(tcp === undefined ? [] : tcpProblems(tcp, `${path}.tcp`)),
  ]
}

const COUNTS = [
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
]
const UPGRADE = 2

function httpProblems(http: ProtoMessage, path: string): readonly string[] {
  const clash = http['h2UpgradePolicy'] === UPGRADE && http['useClientProtocol'] === true
  return [
    ...COUNTS.filter((name) => number(http[name]) < 0).map((name) => `${path}.${name}: must not be negative`),
    ...durations(http, ['idleTimeout'], path),
    ...(clash ? [`${path}.useClientProtocol: must not be true if h2UpgradePolicy is UPGRADE`] : []),
  ]
}

function tcpProblems(tcp: ProtoMessage, path: string): readonly string[] {
  // An idle timeout below a millisecond turns it off.
  const idle = durationNanos(message(tcp['idleTimeout'])) / millisecond === 0n ? [] : ['idleTimeout']
  const keepalive = message(tcp['tcpKeepalive']) ?? {}
  return [
    ...(number(tcp['maxConnections']) < 0 ? [`${path}.maxConnections: must not be negative`] : []),
    ...durations(tcp, ['connectTimeout', 'maxConnectionDuration', ...idle], path),
    ...durations(keepalive, ['time', 'interval'], `${path}.tcpKeepalive`),
  ]
}

function detectionProblems(detection: ProtoMessage, path: string): readonly string[] {
  const failures = number(message(detection['consecutiveLocalOriginFailures'])?.['value'])
  const unsplit = detection['splitExternalLocalOriginErrors'] !== true && failures > 0
  return [
    ...durations(detection, ['baseEjectionTime', 'interval'], path),
    ...(unsplit
      ? [`${path}.consecutiveLocalOriginFailures: needs splitExternalLocalOriginErrors: true`]
      : []),
    ...['maxEjectionPercent', 'minHealthPercent']
      .filter((name) => number(detection[name]) < 0 || number(detection[name]) > 100)
      .map((name) => `${path}.${name}: percentage ${number(detection[name])} is not in range 0..100`),
  ]
}

const RETRY_ON = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'retriable-4xx',
  'refused-stream',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
])

/** The status codes that Go's net/http has a text for, as ranges. */
const STATUS_CODES = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
] as const

export function inboundRetryProblems(retry: ProtoMessage | undefined): readonly string[] {
  if (retry === undefined) return []
  const path = 'defaultInboundHttpRetryPolicy'
  const attempts = number(retry['attempts'])
  const retryOn = typeof retry['retryOn'] === 'string' ? retry['retryOn'] : ''
  const others = ['perTryTimeout', 'retryRemoteLocalities', 'backoff'].filter((name) => name in retry)
  const set = retryOn === '' ? others : [...others, 'retryOn']
  return [
    ...(attempts < 0 ? [`${path}.attempts: must not be negative`] : []),
    ...(attempts === 0 ? set.map((name) => `${path}.${name}: is set, but attempts is 0 (disabled)`) : []),
    ...durations(retry, ['perTryTimeout', 'backoff'], path),
    ...(retryOn === '' ? [] : retryOn.split(','))
      .filter((condition) => !RETRY_ON.has(condition) && !isStatusCode(condition))
      .map((condition) => `${path}.retryOn: ${JSON.stringify(condition)} is not a valid retryOn policy`),
  ]
}

function isStatusCode(text: string): boolean {
  const code = /^\+?\d+$/.test(text) ? Number(text) : 0
  return STATUS_CODES.some(([first, last]) => first <= code && code <= last)
}

function durations(of: ProtoMessage, names: readonly string[], path: string): readonly string[] {
  return names.flatMap((name) => {
    const duration = message(of[name])
    const problem = duration === undefined ? undefined : durationProblem(duration)
    return problem === undefined ? [] : [`${path}.${name}: ${problem}`]
  })
}

/** At least a millisecond, and no fraction of one. */
export function durationProblem(duration: ProtoMessage | undefined): string | undefined {
  const nanos = durationNanos(duration)
  if (nanos < millisecond) return `duration ${formatNanos(nanos)} must be at least 1ms`
  return nanos % millisecond === 0n ? undefined : 'only durations to ms precision are supported'
}

function number(value: ProtoValue | undefined): number {
  return typeof value === 'number' ? value : 0
}

function message(value: ProtoValue | undefined): ProtoMessage | undefined {
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Map) return undefined
  // Neither a scalar, a list nor a map.
  return value as ProtoMessage
}
