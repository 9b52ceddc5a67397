/**
 * Removes Istio's defaults from a ProxyConfig, as protoToJSON does for PROXY_CONFIG (pkg/kube/inject/template.go,
 * cleanProxyConfig). Compares the same fields as Istio, not all.
 */
import { durationNanos } from './duration.ts'
import type { Gates } from './gates.ts'
import { defaultProxyConfig } from './mesh-defaults.ts'
import type { ProtoMessage, ProtoValue, ProxyConfig } from './proto-message.ts'

/** Fields that are removed if they equal the default; nested ones compare deeply. */
const cleaned = [
  'configPath',
  'binaryPath',
  'controlPlaneAuthPolicy',
  'serviceCluster',
  'drainDuration',
  'parentShutdownDuration',
  'terminationDrainDuration',
  'discoveryAddress',
  'envoyMetricsService',
  'envoyAccessLogService',
  'tracing',
  'proxyAdminPort',
  'statNameLength',
  'statusPort',
  'concurrency',
]

export function cleanProxyConfig(config: ProxyConfig, gates: Gates): ProxyConfig {
  const defaults: ProtoMessage = defaultProxyConfig(gates)
  const clean: { [key: string]: ProtoValue | undefined } = { ...config }
  for (const name of cleaned) {
    if (clean[name] !== undefined && equalProto(clean[name], defaults[name])) delete clean[name]
  }
  return clean
}

/** proto.Equal for two values of the same field. */
export function equalProto(a: ProtoValue | undefined, b: ProtoValue | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object') return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item: ProtoValue, i) => equalProto(item, b[i]))
  }
  if (a instanceof Map || b instanceof Map) {
    if (!(a instanceof Map) || !(b instanceof Map) || a.size !== b.size) return false
    return [...a].every(([key, value]: [string, ProtoValue]) => b.has(key) && equalProto(value, b.get(key)))
  }
  // Lists and maps are handled above, so both are messages.
  const [left, right] = [a as ProtoMessage, b as ProtoMessage]
  if ('seconds' in left && 'seconds' in right) return durationNanos(left) === durationNanos(right)
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => equalProto(left[key], right[key]))
}
