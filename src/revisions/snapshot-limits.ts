/**
 * How much of a cluster one process takes in: how many revisions and tags, and how much memory their configurations
 * may take. Pure. The bounds on other objects of a live cluster are in cluster/live/store-limits.ts.
 *
 * The memory of a configuration is estimated, since V8 does not say what an object takes. The factors are upper bounds,
 * measured with texts that are made to be large (`npm run bench:configurations`): a token of a template takes up
 * to 0.8 KB once it is parsed, compiled and traced (`{{.Spec}}` repeated; Istio's own templates 0.6 KB), a byte of `values`
 * up to 25 bytes (`[{},{},...]`), a byte of the other texts up to 10. That is why 0.9 MB of `{{.}}` needs hundreds of
 * megabytes, and why bytes of text alone are no bound on memory.
 */
import type { RevisionInputs } from '../inject/index.ts'

export interface SnapshotLimits {
  readonly maxRevisions: number
  readonly maxTags: number
  /** Bytes of one revision's texts: keys `config` and `values` of the injector's ConfigMap, `mesh` of the mesh's. */
  readonly maxConfigurationBytes: number
  /** Estimated bytes of all configurations; one may take a quarter of it. Templates that configurations share count once. */
  readonly configurationMemoryBytes: number
}

export const DEFAULT_SNAPSHOT_LIMITS: SnapshotLimits = Object.freeze({
  maxRevisions: 50,
  maxTags: 500,
  maxConfigurationBytes: 2 ** 20,
  configurationMemoryBytes: 96 * 2 ** 20,
})

/** One configuration may take this share of the memory of all. */
const SHARE_OF_ONE = 1 / 4
const BYTES_PER_TOKEN = 800
const BYTES_PER_BYTE_OF_VALUES = 25
const BYTES_PER_BYTE_OF_OTHER_TEXT = 10

/** What the texts of a configuration are, for the bounds. */
export interface ConfigurationSize {
  readonly textBytes: number
  /** Estimated bytes of all but the templates. */
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

/** What takes memory of a configuration that is compiled. */
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

/** How many tokens the templates of one more configuration may have, beside those of `others`. Negative: not even its texts fit. */
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
