/** What a name that a person typed asks for: a revision or a tag, and what to say where it is neither. */
import type { RevisionTarget } from './request.ts'
import type { RevisionFacts } from './revision-question.ts'

type Names = Pick<RevisionFacts, 'revisions' | 'tags'>

/** A tag wins over a revision of the same name, as its webhooks do. A name that is neither is asked for as a revision. */
export function targetOfName(name: string, { tags }: Pick<Names, 'tags'>): RevisionTarget {
  return { by: tags.has(name) ? 'tag' : 'revision', name }
}

/** Why nobody serves that name, with the known ones; undefined: it is known. */
export function unknownName(name: string, { revisions, tags }: Names): string | undefined {
  if (revisions.has(name) || tags.has(name)) return undefined
  const known = (what: string, names: ReadonlyMap<string, unknown>) =>
    names.size === 0 ? `no ${what}` : `${what} ${[...names.keys()].sort().join(', ')}`
  return `there is no revision or tag ${JSON.stringify(name)}; known: ${known('revisions', revisions)}; ${known('tags', tags)}`
}
