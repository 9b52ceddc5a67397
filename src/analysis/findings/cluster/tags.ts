/** Tags with misleading names. A tag that points nowhere is found when revisions are discovered. */
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const tagsRule: Rule<'cluster'> = {
  subject: 'cluster',
  codes: ['tag-shadows-revision'],
  needs: [],
  find(_, { snapshot }) {
    return [...snapshot.tags].flatMap(([tag, revision]) => {
      // A tag `default` makes another revision the default one, while the original is not used.
      if (tag === revision || tag === 'default' || !snapshot.revisions.has(tag)) return []
      return [
        makeFinding('tag-shadows-revision', {
          revision,
          where: { object: `revision tag ${tag}` },
          message: `${tag} is a tag for revision ${revision} and the name of a revision; the tag takes precedence`,
          expected: 'a different name for the tag',
        }),
      ]
    })
  },
}
