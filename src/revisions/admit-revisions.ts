/**
 * Chooses the revisions and tags to load if there are more than the limits allow. Those that serve already stay,
 * whatever is created later. Among the others those of an active webhook configuration come first, then the oldest.
 */
import type { DiscoveredRevision } from '../istio/index.ts'
import { isObject, own } from '../json/index.ts'

export interface AdmissionOrder {
  /** Served by the previous snapshot. */
  readonly serving: ReadonlySet<string>
  /** Named by an active webhook configuration. */
  readonly registered: ReadonlySet<string>
}

/** In the order in which they are admitted. */
export function orderRevisions(
  revisions: Iterable<DiscoveredRevision>,
  { serving, registered }: AdmissionOrder,
): readonly DiscoveredRevision[] {
  const rank = ({ name }: DiscoveredRevision): number =>
    serving.has(name) ? 0 : registered.has(name) ? 1 : 2
  return [...revisions]
    .map((found) => ({ found, rank: rank(found), created: creationOf(found) }))
    .sort(
      (a, b) =>
        a.rank - b.rank || compareTexts(a.created, b.created) || compareTexts(a.found.name, b.found.name),
    )
    .map(({ found }) => found)
}

export interface AdmittedTags {
  readonly tags: ReadonlyMap<string, string>
  readonly leftOut: readonly string[]
}

/** @param tags by name, sorted */
export function admitTags(
  tags: ReadonlyMap<string, string>,
  { serving, registered }: AdmissionOrder,
  maxTags: number,
): AdmittedTags {
  if (tags.size <= maxTags) return { tags, leftOut: [] }
  const rank = (name: string): number => (serving.has(name) ? 0 : registered.has(name) ? 1 : 2)
  const names = [...tags.keys()].sort((a, b) => rank(a) - rank(b) || compareTexts(a, b))
  const taken = new Set(names.slice(0, maxTags))
  return {
    tags: new Map([...tags].filter(([name]) => taken.has(name))),
    leftOut: names.slice(maxTags),
  }
}

/** RFC 3339 in UTC, so that texts sort like times; a missing one (a manifest that was never applied) comes last. */
function creationOf({ injector }: DiscoveredRevision): string {
  const metadata = own(injector.object, 'metadata')
  const created = isObject(metadata) ? own(metadata, 'creationTimestamp') : undefined
  return typeof created === 'string' && created !== '' ? created : '~'
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
