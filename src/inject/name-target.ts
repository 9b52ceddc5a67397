/** Resolves a name typed by a user to a revision or a tag, with an error for an unknown one. */

import { didYouMean } from '../nearest-name.ts'
import type { RevisionTarget } from './request.ts'
import type { RevisionFacts } from './revision-question.ts'

type Names = Pick<RevisionFacts, 'revisions' | 'tags' | 'external'>

/** Like its webhooks, a tag takes precedence over a revision of the same name. An unknown name becomes a revision. */
export function targetOfName(name: string, { tags }: Pick<Names, 'tags'>): RevisionTarget {
  return { by: tags.has(name) ? 'tag' : 'revision', name }
}

/** An error with the known names if nothing serves the name; undefined if it is known. */
export function unknownName(name: string, { revisions, tags, external }: Names): string | undefined {
  if (revisions.has(name) || tags.has(name)) return undefined
  if (external?.has(name))
    return `revision ${JSON.stringify(name)} is served from outside the cluster, so what its pods get is not known here`
  const known = (what: string, names: ReadonlyMap<string, unknown>) =>
    names.size === 0 ? `no ${what}` : `${what} ${[...names.keys()].sort().join(', ')}`
  return `there is no revision or tag ${JSON.stringify(name)}; known: ${known('revisions', revisions)}; ${known('tags', tags)}${didYouMean(name, [...revisions.keys(), ...tags.keys()])}`
}
