/**
 * What is kept of a configuration's requests to make the next ones cheaper: specialisations of its templates, effective
 * ProxyConfigs, and a few requests to warm its successor up with. It belongs to exactly one configuration object: a copy
 * with other values begins with nothing, and it goes with the configuration.
 */
import { type CacheCounts, FairCache, SeenBefore } from '../../cache/index.ts'
import { EffectiveProxyConfigs } from '../../istio/index.ts'
import type { RevisionConfig } from '../revision-config.ts'
import type { Snapshot } from '../snapshot.ts'
import { type Specialization, type SpecializedTemplate, specializeTemplate } from './specialized-template.ts'
import { WarmUpRequests } from './warm-up-requests.ts'

/** Of templates that pods of a configuration had; begins anew with each configuration. */
export interface TemplateCounts {
  /** A specialisation gave their output. */
  readonly remembered: number
  /** They were executed as a whole, and their output was read. */
  readonly executed: number
}

/** The cache as one request uses it. */
export interface RequestCache {
  readonly cache: RevisionCache
  /** The request's namespace, in whose part of the cache its entries are; empty where the cluster has none of that name. */
  readonly tenant: string
  /** Takes what is to be kept of the request: it is kept only if the request is admitted. */
  later(keep: () => void): void
}

/** Bytes for all caches of all configurations together, where the snapshot does not say. */
export const DEFAULT_INJECTION_CACHE_BYTES = 32 * 1024 * 1024
/** ProxyConfigs take a sixteenth of a configuration's bytes, and so do the requests for the warm-up. */
const SMALL_PART = 16

/** A template's paths for one key take at most a quarter of what there is for all. */
const LARGEST_PART = 4

export class RevisionCache {
  readonly counts = { remembered: 0, executed: 0 }
  readonly warmUp: WarmUpRequests
  readonly proxyConfigs: EffectiveProxyConfigs
  readonly #config: RevisionConfig
  readonly #specializations: FairCache<Specialization>
  readonly #seen = new SeenBefore({ tables: 64, slots: 2_048 })
  readonly #templates = new Map<string, SpecializedTemplate | undefined>()
  #maxBytes: number

  constructor(config: RevisionConfig, maxBytes: number) {
    this.#config = config
    this.#maxBytes = maxBytes
    const small = maxBytes / SMALL_PART
    this.proxyConfigs = new EffectiveProxyConfigs(config.mesh, config, small)
    this.warmUp = new WarmUpRequests(small)
    this.#specializations = new FairCache(maxBytes - 2 * small, LARGEST_PART)
  }

  /** Evicts at once what no longer fits. */
  limitTo(maxBytes: number): void {
    if (maxBytes === this.#maxBytes) return
    this.#maxBytes = maxBytes
    const small = maxBytes / SMALL_PART
    this.proxyConfigs.limitTo(small)
    this.warmUp.limitTo(small)
    this.#specializations.limitTo(maxBytes - 2 * small)
  }

  /** Undefined where there is none of that name, or it has to be executed each time. */
  template(name: string): SpecializedTemplate | undefined {
    if (!this.#templates.has(name)) {
      const template = this.#config.templates.get(name)
      if (template === undefined) return undefined
      const kept = { cache: this.#specializations, seen: this.#seen }
      this.#templates.set(name, specializeTemplate(template, kept))
    }
    return this.#templates.get(name)
  }

  get cacheCounts(): RevisionCacheCounts {
    const bytes = this.#specializations.counts.bytes + this.proxyConfigs.counts.bytes + this.warmUp.bytes
    const evictions = this.#specializations.counts.evictions + this.proxyConfigs.counts.evictions
    return { bytes, evictions, maxBytes: this.#maxBytes }
  }
}

export type RevisionCacheCounts = Pick<CacheCounts, 'bytes' | 'evictions' | 'maxBytes'>

/** Each revision has an equal part, so that no revision's pods evict what another one's need. */
export function cacheBytesOf({ cacheBytes = DEFAULT_INJECTION_CACHE_BYTES, revisions }: Snapshot): number {
  return Math.floor(cacheBytes / Math.max(revisions.size, 1))
}

const caches = new WeakMap<RevisionConfig, RevisionCache>()

/** @param maxBytes of this configuration's caches together */
export function cacheOf(
  config: RevisionConfig,
  maxBytes: number = DEFAULT_INJECTION_CACHE_BYTES,
): RevisionCache {
  let cache = caches.get(config)
  if (cache === undefined) {
    cache = new RevisionCache(config, maxBytes)
    caches.set(config, cache)
  } else cache.limitTo(maxBytes)
  return cache
}

/** Zeros where no pod has come yet. */
export function templateCounts(config: RevisionConfig): TemplateCounts {
  return caches.get(config)?.counts ?? NO_TEMPLATES
}

/** Undefined where no pod has come yet. */
export function revisionCacheCounts(config: RevisionConfig): RevisionCacheCounts | undefined {
  return caches.get(config)?.cacheCounts
}

const NO_TEMPLATES: TemplateCounts = { remembered: 0, executed: 0 }
