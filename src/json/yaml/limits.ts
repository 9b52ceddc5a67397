/**
 * Limits on the cost of reading YAML. All of them count work; none measures time. Go's library has its own, far higher
 * ones (10,000 levels, 4 million decode steps), so whatever Go refuses as too large is refused here too.
 */
export interface YamlLimits {
  /** Characters of text (UTF-16 units; equal to bytes for ASCII). */
  readonly maxBytes: number
  /** Levels of maps and lists. */
  readonly maxDepth: number
  /**
   * Values that aliases and merge keys may copy in total. An alias bomb grows tenfold per level and soon reaches this.
   */
  readonly maxAliasNodes: number
}

/** 8 MiB: eight times the 1 MiB that etcd allows for a ConfigMap; a manifest file may contain several. */
const YAML_MAX_BYTES = 8 * 1024 * 1024
/** Pods and Istio configurations stay below 30, CRD schemas below 100. 400 levels need less than half of the stack. */
export const YAML_MAX_DEPTH = 400
/** Istio's own files use no aliases; hand-written ones copy tens of values. */
export const YAML_MAX_ALIAS_NODES = 50_000

export const DEFAULT_YAML_LIMITS: YamlLimits = Object.freeze({
  maxBytes: YAML_MAX_BYTES,
  maxDepth: YAML_MAX_DEPTH,
  maxAliasNodes: YAML_MAX_ALIAS_NODES,
})
