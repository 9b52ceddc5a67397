/**
 * How much of each kind of object is kept, in bytes of memory, and what an object takes. Most kinds can be made by
 * tenants, and an object may have 1.5 MB: without bounds one of them fills the memory of the process that injects
 * everybody's pods. All of them together, with everything else at its bound, fit the chart's limit
 * (`npm run bench:memory`). What is beyond is left out and reported (`objects-left-out`).
 */
import type { JsonValue } from '../../json/index.ts'
import type { ResourceName } from './resources.ts'

export interface StoreLimits {
  /** Of one object. */
  readonly objectBytes: number
  /** Of all objects of one namespace, where the kind has namespaces and anybody may make them. */
  readonly namespaceBytes?: number
  /** Of all objects. */
  readonly totalBytes: number
}

const KI = 1024
const MI = 1024 * KI

export const STORE_LIMITS: Readonly<Record<ResourceName, StoreLimits>> = {
  // Labels and a few annotations: some 0.5 KiB each, so 24 MiB hold fifty thousand.
  namespaces: { objectBytes: 64 * KI, totalBytes: 24 * MI },
  // Twice the largest ConfigMap, as a text may take two bytes a character. How many are compiled is --max-revisions.
  configmaps: { objectBytes: 4 * MI, totalBytes: 32 * MI },
  deployments: { objectBytes: 256 * KI, totalBytes: 4 * MI },
  services: { objectBytes: 64 * KI, totalBytes: 2 * MI },
  mutatingwebhookconfigurations: { objectBytes: 1 * MI, totalBytes: 4 * MI },
  // Tenants write them, and each pod of their namespace reads them. Ordinary ones take 1 KiB.
  proxyconfigs: { objectBytes: 32 * KI, namespaceBytes: 128 * KI, totalBytes: 8 * MI },
  // Name and version: some 0.4 KiB each, so 4 MiB hold ten thousand, twice what Kubernetes supports.
  nodes: { objectBytes: 16 * KI, totalBytes: 4 * MI },
}

/** Names of objects that do not count, for the report: some hundreds. */
export const NAMED_LIMITS: StoreLimits = {
  objectBytes: 4 * KI,
  namespaceBytes: 128 * KI,
  totalBytes: 256 * KI,
}

/** About what V8 takes for a value; never much less. Linear in its size. */
export function memoryOfJson(value: JsonValue): number {
  if (typeof value === 'string') return 24 + 2 * value.length
  if (typeof value !== 'object' || value === null) return 8
  let bytes = 32
  if (Array.isArray(value)) for (const item of value) bytes += 8 + memoryOfJson(item)
  else for (const [key, field] of Object.entries(value)) bytes += 40 + 2 * key.length + memoryOfJson(field)
  return bytes
}
