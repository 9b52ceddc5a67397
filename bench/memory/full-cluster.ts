/**
 * A cluster in which everything that a server stores of the API is at its limit: configurations at
 * `--configuration-memory`, and as many bytes of each watched kind as store-limits.ts allows. Values are chosen to
 * take as much memory per byte as possible.
 */
import { STORE_LIMITS } from '../../src/cluster/live/store-limits.ts'
import { isObject, type JsonObject, own } from '../../src/json/index.ts'
import { DEFAULT_SNAPSHOT_LIMITS } from '../../src/revisions/snapshot-limits.ts'
import { type ClusterParts, clusterWith } from '../load/clusters.ts'

/** The share of the limits that is filled. Objects beyond a limit are left out, which other tests cover. */
const OVER = 1.02
/** Two bytes per character in memory, like every string with one such character. */
const WIDE = '\u2192'

/** The share of `--max-configuration-bytes`, so that the other texts fit too. */
const TEXT_BYTES = DEFAULT_SNAPSHOT_LIMITS.maxConfigurationBytes * 0.9
/** The estimate of snapshot-limits.ts for a byte of values. */
const ESTIMATED = 25
/** All that are compiled and one more, which is refused. */
export const REVISIONS =
  Math.ceil(DEFAULT_SNAPSHOT_LIMITS.configurationMemoryBytes / (ESTIMATED * TEXT_BYTES)) + 1

/**
 * Revisions `r1` and so on have large values. The rest of the bytes for ConfigMaps are mesh configurations of
 * revisions that do not exist.
 */
export function fullCluster(folder: string): ClusterParts {
  const parts = clusterWith(folder, REVISIONS)
  const revisions = new Map(
    [...parts.revisions].map(([name, objects], i) => [
      name,
      i === 0 ? objects : objects.map((object) => withLargeValues(object, TEXT_BYTES)),
    ]),
  )
  return {
    revisions,
    others: [
      ...parts.others,
      ...meshConfigs(),
      ...namespaces(),
      ...nodes(),
      ...proxyConfigs(),
      ...webhookConfigurations(),
    ],
  }
}

function meshConfigs(): JsonObject[] {
  const mesh = `# ${WIDE}${'x'.repeat(TEXT_BYTES)}\n`
  const count = Math.ceil((OVER * STORE_LIMITS.configmaps.totalBytes) / (2 * TEXT_BYTES)) - REVISIONS
  return Array.from({ length: Math.max(0, count) }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `istio-none${i}`, namespace: 'istio-system' },
    data: { mesh },
  }))
}

function withLargeValues(object: JsonObject, textBytes: number): JsonObject {
  const data = own(object, 'data')
  const values = isObject(data) ? own(data, 'values') : undefined
  if (!isObject(data) || typeof values !== 'string' || own(data, 'config') === undefined) return object
  // Istio writes the values as JSON. Empty objects take the most memory per byte of text.
  const rest = textBytes - values.length - String(own(data, 'config')).length
  const large = `"large":[${'{},'.repeat(rest / 3)}"${WIDE}"]`
  return { ...object, data: { ...data, values: `{${large},${values.trim().slice(1)}` } }
}

/** As many objects as `bytes` allow. */
function fill(
  kind: keyof typeof STORE_LIMITS,
  objectBytes: number,
  make: (i: number) => JsonObject,
): JsonObject[] {
  const count = Math.ceil((OVER * STORE_LIMITS[kind].totalBytes) / objectBytes)
  return Array.from({ length: count }, (_, i) => make(i))
}

/** About 160 bytes of memory each, by the estimate of the limits. */
function labels(count: number): JsonObject {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `label-${String(i).padStart(8, '0')}`,
      `value-${String(i).padStart(20, '0')}`,
    ]),
  )
}
const LABEL_BYTES = 144

function namespaces(): JsonObject[] {
  const count = 400
  return fill('namespaces', count * LABEL_BYTES, (i) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `full-${i}`, labels: labels(count) },
  }))
}

function nodes(): JsonObject[] {
  return fill('nodes', 460, (i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node-${i}` },
    status: { nodeInfo: { kubeletVersion: 'v1.33.1' } },
  }))
}

function proxyConfigs(): JsonObject[] {
  const count = 100
  return fill('proxyconfigs', count * LABEL_BYTES, (i) => ({
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ProxyConfig',
    metadata: { name: `config-${i}`, namespace: `full-${i % 300}` },
    spec: { environmentVariables: labels(count) },
  }))
}

function webhookConfigurations(): JsonObject[] {
  const count = 400
  return fill('mutatingwebhookconfigurations', count * LABEL_BYTES, (i) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: `full-${i}`, labels: labels(count) },
    webhooks: [],
  }))
}
