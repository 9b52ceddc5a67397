/** Divides the bytes for caches, and reports their use. */
import type { Cluster } from '../cluster/index.ts'
import type { RevisionCacheCounts, Snapshot } from '../inject/index.ts'
import type { MetricSources } from '../observe/index.ts'
import type { AnswerCache } from './answer-cache.ts'

export interface CacheShares {
  /** The answer cache. */
  readonly answers: number
  /** Specialised templates and effective ProxyConfigs of all revisions together. */
  readonly injection: number
}

/** An answer can be recomputed cheaply from the injection caches, so those get twice as much. */
export function cacheShares(bytes: number): CacheShares {
  const answers = Math.floor(bytes / 3)
  return { answers, injection: bytes - answers }
}

/** The cache metrics. */
export function measuredCaches(
  cluster: Pick<Cluster, 'snapshot'>,
  shares: CacheShares,
  answers: Pick<AnswerCache<unknown>, 'counts'> | undefined,
): Pick<MetricSources, 'answerCache' | 'caches'> {
  return {
    answerCache: () => answers?.counts,
    caches: () => [
      { ...(answers?.counts ?? NO_ANSWERS), cache: 'answers' },
      { ...injectionCacheCounts(cluster.snapshot(), shares.injection), cache: 'injection' },
    ],
  }
}

const NO_ANSWERS = { bytes: 0, evictions: 0, maxBytes: 0 }

/** All current configurations together. */
function injectionCacheCounts({ revisions }: Snapshot, maxBytes: number): RevisionCacheCounts {
  let [bytes, evictions] = [0, 0]
  for (const { config } of revisions.values()) {
    const counts = config?.cache?.cacheCounts
    bytes += counts?.bytes ?? 0
    evictions += counts?.evictions ?? 0
  }
  return { bytes, evictions, maxBytes }
}
