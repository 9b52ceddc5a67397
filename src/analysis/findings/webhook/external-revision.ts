/** Revisions of control planes outside the cluster: named, and not checked. */
import { readWebhookConfigurations } from '../../../istio/index.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const externalRevision: Rule<'webhook'> = {
  subject: 'webhook',
  codes: ['revision-external'],
  needs: [],
  find({ title, object }, { snapshot: { external = new Map() } }) {
    return readWebhookConfigurations([object]).flatMap(({ revision, tag, url, ofRemora }) => {
      const name = tag ?? revision
      if (ofRemora || url === undefined || !external.has(name)) return []
      const of = tag === undefined ? `revision ${revision}` : `revision ${revision} through tag ${tag}`
      return [
        makeFinding('revision-external', {
          revision,
          where: { object: title },
          message: `${of} is served from outside the cluster: the API server calls ${url}`,
          expected: 'nothing: it is not checked',
        }),
      ]
    })
  },
}
