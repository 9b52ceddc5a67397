/**
 * Limits on what one process loads from a cluster: the number of revisions and tags, and the memory of their
 * configurations. Pure. The limits on other objects of a live cluster are in cluster/live/store-limits.ts.
 *
 * The memory of a configuration is estimated, since V8 does not report the size of an object. The factors are upper
 * bounds, measured with texts designed to be expensive (`npm run bench:configurations`): a token of a template takes up
 * to 0.8 KB once it is parsed, compiled and traced (`{{.Spec}}` repeated; Istio's own templates 0.6 KB), a byte of
 * `values` up to 25 bytes (`[{},{},...]`), a byte of the other texts up to 10. So 0.9 MB of `{{.}}` takes hundreds of
 * megabytes, and a limit on bytes of text alone would not bound memory.
 */
import type { RevisionInputs } from '../inject/index.ts'

export interface SnapshotLimits {
  readonly maxRevisions: number
  readonly maxTags: number
  /** Bytes of one revision's texts: keys `config` and `values` of the injector's ConfigMap, `mesh` of the mesh's. */
  readonly maxConfigurationBytes: number
  /**
   * Estimated bytes of all configurations; one may take a quarter of it. Templates that configurations share count
   * once.
   */
  readonly configurationMemoryBytes: number
}

export const DEFAULT_SNAPSHOT_LIMITS: SnapshotLimits = Object.freeze({
  maxRevisions: 50,
  maxTags: 500,
  maxConfigurationBytes: 2 ** 20,
  configurationMemoryBytes: 96 * 2 ** 20,
})

/** One configuration may take this share of the memory for all. */
const SHARE_OF_ONE = 1 / 4
const BYTES_PER_TOKEN = 800
const BYTES_PER_BYTE_OF_VALUES = 25
const BYTES_PER_BYTE_OF_OTHER_TEXT = 10

/** The size of a configuration's texts, for the limits. */
export interface ConfigurationSize {
  readonly textBytes: number
  /** Estimated bytes of everything but the templates. */
  readonly memoryBytes: number
}

export function sizeOfInputs({ injectorConfigMap, meshConfigMap }: RevisionInputs): ConfigurationSize {
  const [config, values, mesh] = [injectorConfigMap.config, injectorConfigMap.values, meshConfigMap.mesh].map(
    (text) => (text === undefined ? 0 : utf8Length(text)),
  ) as [number, number, number]
  return {
    textBytes: config + values + mesh,
    memoryBytes: BYTES_PER_BYTE_OF_OTHER_TEXT * (config + mesh) + BYTES_PER_BYTE_OF_VALUES * values,
  }
}

/** What takes memory in a compiled configuration. */
export interface Compiled {
  readonly inputs: RevisionInputs
  readonly templates: ReadonlyMap<string, { readonly tokens: number }>
}

/** Estimated bytes of these configurations together. */
export function memoryOf(configurations: Iterable<Compiled>): number {
  const templates = new Set<{ readonly tokens: number }>()
  let bytes = 0
  for (const { inputs, templates: own } of configurations) {
    bytes += sizeOfInputs(inputs).memoryBytes
    for (const template of own.values()) templates.add(template)
  }
  for (const { tokens } of templates) bytes += tokens * BYTES_PER_TOKEN
  return bytes
}

/**
 * The most tokens that the templates of one more configuration may have, beside `others`. Negative: not even its texts
 * fit.
 */
export function tokensLeft(
  inputs: RevisionInputs,
  others: Iterable<Compiled>,
  limits: SnapshotLimits,
): number {
  const total = limits.configurationMemoryBytes
  const free = Math.min(total * SHARE_OF_ONE, total - memoryOf(others))
  return Math.floor((free - sizeOfInputs(inputs).memoryBytes) / BYTES_PER_TOKEN)
}

function utf8Length(text: string): number {
  return Buffer.byteLength(text)
}
