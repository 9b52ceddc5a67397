/** System namespaces whose labels ask for injection, which Istio never does there. */
import { decideRevision, systemNamespaces as ignoredNamespaces } from '../../../inject/index.ts'
import { INJECTION_LABEL, REVISION_LABEL } from '../../../kube/index.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const systemNamespaces: Rule<'namespace'> = {
  subject: 'namespace',
  codes: ['system-namespace-labelled'],
  needs: [],
  find({ name, title, facts: { labels } }, { snapshot }) {
    if (!ignoredNamespaces.has(name)) return []
    const decision = decideRevision(
      { target: { by: 'labels' }, namespaceLabels: labels, podLabels: undefined },
      snapshot,
    )
    const found = [INJECTION_LABEL, REVISION_LABEL].flatMap((label) =>
      labels.has(label) && labels.get(label) !== 'disabled' ? [`${label}=${labels.get(label)}`] : [],
    )
    // If namespaces are enabled by default, no label is the cause.
    if (decision.kind === 'none' || found.length === 0) return []
    return [
      makeFinding('system-namespace-labelled', {
        where: { object: title },
        message: `it is labelled ${found.join(', ')}, but its pods are never injected`,
        expected: 'no label about injection',
      }),
    ]
  },
}
