/**
 * The known differences from Istio's answers: cases by prefix, each with its reason and the parts of a case that it
 * covers.
 */
import type { Difference } from './compare-pods.ts'

export interface NamedDifference {
  readonly reason: string
  /** Whether it explains this difference of two pods; left out: it explains the whole case. */
  readonly covers?: (difference: Difference) => boolean
}

const differences: readonly (readonly [prefix: string, difference: NamedDifference])[] = [
  ['http/', { reason: "transport errors are clearer than Istio's, and nothing panics" }],
  [
    'apiserver/034',
    { reason: 'an UPDATE is admitted unchanged: webhook configurations select the creation of pods only' },
  ],
  [
    'apiserver/',
    {
      reason: 'the recording used `latest` for values.global.tag, but its configuration has the version',
      covers: ({ path, ours, expected }) =>
        path.endsWith('/image') && tagless(ours) !== undefined && `${tagless(ours)}:latest` === expected,
    },
  ],
]

function tagless(image: unknown): string | undefined {
  return typeof image === 'string' ? image.slice(0, image.lastIndexOf(':')) : undefined
}

/** Why that case may differ; undefined where it may not. */
export function differenceOf(id: string): NamedDifference | undefined {
  return differences.find(([prefix]) => id.startsWith(prefix))?.[1]
}

/** All reasons that the runner may print of these suites. */
export const differenceReasons: readonly string[] = [
  ...new Set(differences.map(([, difference]) => difference.reason)),
]
