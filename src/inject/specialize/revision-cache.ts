/**
 * The caches of one configuration that make later requests cheaper: specialisations of its templates, effective
 * ProxyConfigs, and a few requests for warming up its successor. They belong to exactly one configuration object: a
 * copy with other values starts empty, and they are dropped with the configuration.
 */
import { type CacheCounts, FairCache, SeenBefore } from '../../cache/index.ts'
import type { CompiledTemplate } from '../../gotemplate/index.ts'
import { EffectiveProxyConfigs, type MeshConfig, type ProxyConfigOptions } from '../../istio/index.ts'
import { ConstantTexts } from '../../json/index.ts'
import { type Specialization, type SpecializedTemplate, specializeTemplate } from './specialized-template.ts'
import { WarmUpRequests } from './warm-up-requests.ts'

/** Template executions for the pods of a configuration; starts at zero with each configuration. */
export interface TemplateCounts {
  /** A specialised template gave the output. */
  readonly hits: number
  /** The template was executed in full, and its output was parsed. */
  readonly misses: number
}

/** The cache as one request uses it. */
export interface RequestCache {
  readonly cache: RevisionCache
  /**
   * The request's namespace, in whose share of the cache its entries are; empty if the cluster has no such namespace.
   */
  readonly tenant: string
  /** Collects what is to be cached from the request: only if the request is admitted. */
  later(keep: () => void): void
}

/** ProxyConfigs take a sixteenth of a configuration's bytes, and so do the requests for the warm-up. */
const SMALL_PART = 16

/** A template's paths for one key take at most a quarter of the bytes for all. */
const LARGEST_PART = 4

/** What the entries are made from; it must never change. */
export interface CachedConfig extends ProxyConfigOptions {
  readonly mesh: MeshConfig
  readonly templates: ReadonlyMap<string, CompiledTemplate>
}

export class RevisionCache {
  readonly counts = { hits: 0, misses: 0 }
  readonly warmUp: WarmUpRequests
  readonly proxyConfigs: EffectiveProxyConfigs
  /** The parts of the templates' output that are the same for all pods. */
  readonly constants = new ConstantTexts()
  readonly #config: CachedConfig
  readonly #specializations: FairCache<Specialization>
  readonly #seen = new SeenBefore({ tables: 64, slots: 2_048 })
  readonly #templates = new Map<string, SpecializedTemplate | undefined>()
  #maxBytes: number

  constructor(config: CachedConfig, maxBytes: number) {
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

  /** Undefined if there is none of that name, or it must be executed each time. */
  template(name: string): SpecializedTemplate | undefined {
    if (!this.#templates.has(name)) {
      const template = this.#config.templates.get(name)
      if (template === undefined) return undefined
      const kept = { cache: this.#specializations, seen: this.#seen, constants: this.constants }
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
