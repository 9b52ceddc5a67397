/** Settings of injection on a namespace that only pods have, or that are annotations instead of labels. */
import { sidecarAnnotations } from '../../../istio/index.ts'
import { INJECT_LABEL, INJECTION_LABEL } from '../../../kube/index.ts'
import { few } from '../few.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'

const REVISION_LABEL = 'istio.io/rev'
/** Another rule reports `istio.io/rev` as an annotation. */
const OF_PODS: ReadonlySet<string> = new Set(sidecarAnnotations.filter((name) => name !== REVISION_LABEL))

export const namespaceSettings: Rule<'namespace'> = {
  subject: 'namespace',
  codes: ['setting-misplaced'],
  needs: [],
  find({ title, name, facts: { labels, annotations } }) {
    const found: { readonly message: string; readonly expected: string }[] = []
    const injection = annotations.get(INJECTION_LABEL)
    if (injection !== undefined && !labels.has(INJECTION_LABEL))
      found.push({
        message: `the annotation ${INJECTION_LABEL}=${injection} on the namespace is not read`,
        expected: `the label ${INJECTION_LABEL}=${injection}`,
      })
    if (labels.has(INJECT_LABEL))
      found.push({
        message: `the label ${INJECT_LABEL}=${labels.get(INJECT_LABEL)} on the namespace is not read: it is a label of pods`,
        expected: `the label ${INJECTION_LABEL} or ${REVISION_LABEL} on Namespace ${name}, or ${INJECT_LABEL} on its pods`,
      })
    const ofPods = [...annotations.keys(), ...labels.keys()].filter(
      (key) => OF_PODS.has(key) && !(key === INJECT_LABEL && labels.has(key)),
    )
    if (ofPods.length > 0)
      found.push({
        message: `${few(ofPods)} on the namespace ${ofPods.length === 1 ? 'is' : 'are'} not read for its pods`,
        expected: 'annotations of pods or their templates',
      })
    return found.map(({ message, expected }) =>
      makeFinding('setting-misplaced', { where: { object: title, path: 'metadata' }, message, expected }),
    )
  },
}
