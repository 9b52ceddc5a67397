/** A workload whose Namespace was not read: its labels decide, and nothing is known of them. */
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

export const unknownNamespace: Rule<'workload'> = {
  subject: 'workload',
  codes: ['namespace-unknown'],
  needs: [],
  find({ title, namespace }, { snapshot }) {
    if (snapshot.namespaces.has(namespace)) return []
    const message = `Namespace ${namespace} is not among the objects, so its labels are not known: it counts as one without labels`
    return [
      makeFinding('namespace-unknown', {
        where: { object: title },
        message,
        expected: `the Namespace ${namespace}`,
        severity: 'note',
        fix: 'Add the Namespace to the folder or the file: `kubectl get namespaces -o yaml`.',
        group: message,
      }),
    ]
  },
}
