/**
 * Limits of the memory for each kind of object, and the estimate of an object's memory. Tenants can create most
 * kinds, and an object may have 1.5 MB, so without limits one tenant could fill the memory of the server that injects
 * all pods. With everything at its limit, the server stays below the chart's memory limit (`npm run
 * bench:memory`). Objects beyond a limit are left out and reported (`objects-left-out`).
 */
import type { JsonValue } from '../../json/index.ts'
import type { ResourceName } from './resources.ts'

export interface StoreLimits {
  /** For one object. */
  readonly objectBytes: number
  /** For all objects of one namespace, if tenants may create the kind. */
  readonly namespaceBytes?: number
  /** For all objects. */
  readonly totalBytes: number
}

const KI = 1024
const MI = 1024 * KI

export const STORE_LIMITS: Readonly<Record<ResourceName, StoreLimits>> = {
  // Labels and a few annotations: about 0.5 KiB each, so 24 MiB hold fifty thousand.
  namespaces: { objectBytes: 64 * KI, totalBytes: 24 * MI },
  // Twice the largest ConfigMap, since strings may take two bytes per character. --max-revisions limits how many are
  // compiled.
  configmaps: { objectBytes: 4 * MI, totalBytes: 32 * MI },
  deployments: { objectBytes: 256 * KI, totalBytes: 4 * MI },
  services: { objectBytes: 64 * KI, totalBytes: 2 * MI },
  mutatingwebhookconfigurations: { objectBytes: 1 * MI, totalBytes: 4 * MI },
  // Tenants write these, and every pod of their namespace reads them. Typical ones take 1 KiB.
  proxyconfigs: { objectBytes: 32 * KI, namespaceBytes: 128 * KI, totalBytes: 8 * MI },
  // Only administrators create these. Lists of excluded workloads may be long.
  revisionrollouts: { objectBytes: 256 * KI, totalBytes: 1 * MI },
  // Name and version: about 0.4 KiB each, so 4 MiB hold ten thousand, twice what Kubernetes supports.
  nodes: { objectBytes: 16 * KI, totalBytes: 4 * MI },
}

/** Names of objects that do not count, for the report: a few hundred. */
export const NAMED_LIMITS: StoreLimits = {
  objectBytes: 4 * KI,
  namespaceBytes: 128 * KI,
  totalBytes: 256 * KI,
}

/** Estimates V8's memory for a value; never much too low. Linear in its size. */
export function memoryOfJson(value: JsonValue): number {
  if (typeof value === 'string') return 24 + 2 * value.length
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 32
  if (Array.isArray(value)) for (const item of value) bytes += 8 + memoryOfJson(item)
  else for (const [key, field] of Object.entries(value)) bytes += 40 + 2 * key.length + memoryOfJson(field)
  return bytes
}
