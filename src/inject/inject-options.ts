/**
 * The operator's settings for all injections of a process. Apart from the request and the snapshot, nothing else affects an
 * outcome.
 */
import type { BudgetLimits } from '../gotemplate/index.ts'

export interface InjectOptions {
  /** Limits for the templates of one injection; the defaults if absent. */
  readonly templateLimits?: BudgetLimits | undefined
  /** Injected pods get the label istio.io/rev with the name of their revision, unless they have one. */
  readonly labelRevision?: boolean | undefined
  /** Bytes for the caches of all configurations together. */
  readonly cacheBytes?: number | undefined
  /**
   * False: templates are executed in full for each pod. The outcome is the same; tests compare specialised templates
   * with it.
   */
  readonly specialize?: boolean | undefined
}

/** Bytes for the caches of all configurations together, if the options do not say. */
export const DEFAULT_INJECTION_CACHE_BYTES = 32 * 1024 * 1024

/** Each revision has an equal share, so that the pods of one revision never evict what those of another need. */
export function cacheBytesOfRevision(
  { cacheBytes = DEFAULT_INJECTION_CACHE_BYTES }: InjectOptions,
  revisions: { readonly size: number },
): number {
  return Math.floor(cacheBytes / Math.max(revisions.size, 1))
}
