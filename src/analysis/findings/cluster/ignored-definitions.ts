/**
 * ConfigMaps and Services that look like revisions and tags but are ignored, each by name. They are left over from a
 * configuration that an older Remora accepted, or a user without access to control planes created them.
 */

import type { Snapshot } from '../../../inject/index.ts'
import { describeIgnored, fixOfIgnored, type IgnoredDefinition } from '../../../istio/index.ts'
import { INJECTION_LABEL, REVISION_LABEL } from '../../../kube/index.ts'
import { few } from '../few.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const IGNORED_CODES: ReadonlySet<string> = new Set<IgnoredDefinition['code']>([
  'revision-untrusted',
  'tag-untrusted',
  'tag-service-shadows-revision',
])

/** An error if a namespace requests that name and no valid definition has it; otherwise no pod is affected. */
export const ignoredDefinitions: Rule<'cluster'> = {
  subject: 'cluster',
  codes: ['revision-untrusted', 'tag-untrusted', 'tag-service-shadows-revision'],
  needs: [],
  commandsOnly: true,
  find(_, { snapshot }) {
    const { ignored = [], trustedNamespaces = [] } = snapshot
    return ignored.map((one) => {
      const missing = asking(one, snapshot)
      const asked =
        missing.length === 0 ? '' : `; requested by ${few(missing.map((name) => `Namespace ${name}`))}`
      return makeFinding(one.code, {
        revision: one.defines === 'revision' ? one.name : undefined,
        where: { object: describeIgnored(one) },
        message: `${one.message}${asked}`,
        expected:
          one.code === 'tag-service-shadows-revision'
            ? 'a tag with a different name'
            : `revisions and tags in namespaces of control planes (${trustedNamespaces.join(', ')})`,
        severity: missing.length === 0 ? 'warning' : 'error',
        fix: fixOfIgnored(one, trustedNamespaces),
      })
    })
  },
}

/** Namespaces whose labels name it, if no revision and no tag has that name. */
function asking({ name }: IgnoredDefinition, { namespaces, revisions, tags }: Snapshot): readonly string[] {
  if (revisions.has(name) || tags.has(name)) return []
  return [...namespaces].flatMap(([namespace, { labels }]) => {
    const injection = labels.get(INJECTION_LABEL)
    const asked =
      injection === 'enabled' ? 'default' : injection === undefined ? labels.get(REVISION_LABEL) : undefined
    return asked === name ? [namespace] : []
  })
}
