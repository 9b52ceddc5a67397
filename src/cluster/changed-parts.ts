/** Lists the namespaces, revisions and tags that differ between two snapshots, for the log. */
import type { NamespaceFacts, Snapshot } from '../inject/index.ts'

const FEW = 20

/** Names of parts that were added, removed or changed; long lists are shortened, empty ones are absent. */
export interface ChangedParts {
  readonly namespaces?: readonly string[]
  readonly revisions?: readonly string[]
  readonly tags?: readonly string[]
}

export function changedParts(before: Snapshot, after: Snapshot): ChangedParts {
  const namespaces = changedNames(before.namespaces, after.namespaces, sameFacts)
  // A revision whose inputs did not change is the same object.
  const revisions = changedNames(before.revisions, after.revisions, Object.is)
  const tags = changedNames(before.tags, after.tags, Object.is)
  return {
    ...(namespaces.length === 0 ? {} : { namespaces: few(namespaces) }),
    ...(revisions.length === 0 ? {} : { revisions: few(revisions) }),
    ...(tags.length === 0 ? {} : { tags: few(tags) }),
  }
}

/** Keeps a log line readable after a whole cluster was read anew. */
export function few(names: readonly string[]): readonly string[] {
  return names.length <= FEW ? names : [...names.slice(0, FEW), `and ${names.length - FEW} more`]
}

function changedNames<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  same: (a: T, b: T) => boolean,
): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => {
      const [a, b] = [before.get(name), after.get(name)]
      return a === undefined || b === undefined || !same(a, b)
    })
    .sort()
}

function sameFacts(a: NamespaceFacts, b: NamespaceFacts): boolean {
  return a === b || (sameTexts(a.labels, b.labels) && sameTexts(a.annotations, b.annotations))
}

function sameTexts(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, text]) => b.get(key) === text)
}
