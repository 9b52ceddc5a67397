/** Values that Istio does not validate and then ignores, or passes on to a proxy that does not start with them. */
import { annotationEffects, PROXY_CONTAINER } from '../../../istio/index.ts'
import {
  annotationOf,
  findInPod,
  INJECT_LABEL,
  labelOf,
  metadataOf,
  objectAt,
  textAt,
} from '../../../kube/index.ts'
import { quoteText } from '../../../visible-text.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { type InjectedPod, injectedPod } from './injected-pod.ts'

export const annotationValues: Rule<'workload'> = {
  subject: 'workload',
  codes: ['annotation-value-ignored', 'annotation-value-breaks-proxy'],
  needs: [],
  find(workload, facts) {
    const injected = injectedPod(workload, facts)
    const inject = injectValue(workload, facts, injected !== undefined)
    if (injected === undefined) return inject
    const { revision, config } = injected
    const annotations = objectAt(metadataOf(workload.pod), 'annotations')
    const effects = annotationEffects(annotations, config.gates).map(({ name, value, effect, expected }) =>
      makeFinding(effect === 'ignored' ? 'annotation-value-ignored' : 'annotation-value-breaks-proxy', {
        revision,
        where: { object: workload.title, path: `annotation ${name}` },
        message:
          effect === 'ignored'
            ? `${name}: ${value} is ignored`
            : `${name}: ${value} is passed on to the proxy, which does not start with it`,
        expected,
      }),
    )
    return [...inject, ...effects, ...imageOf(workload, injected)]
  },
}

const PROXY_IMAGE = 'sidecar.istio.io/proxyImage'

/** Templates use it only if it looks like an image with its registry. What the injected proxy has decides. */
function imageOf(
  { title, pod }: WorkloadSubject,
  { revision, before, after }: InjectedPod,
): readonly Finding[] {
  const value = annotationOf(pod, PROXY_IMAGE)
  const image = textAt(findInPod(after, PROXY_CONTAINER) ?? {}, 'image')
  const ofPod = textAt(findInPod(before, PROXY_CONTAINER) ?? {}, 'image')
  if (value === undefined || image === '' || (ofPod !== '' && ofPod !== 'auto')) return []
  // A blank image is a finding by itself.
  if (image === value || (value.trim() !== '' && image.includes(value.trim()))) return []
  return [
    makeFinding('annotation-value-ignored', {
      revision,
      where: { object: title, path: `annotation ${PROXY_IMAGE}` },
      message: `${PROXY_IMAGE}: ${quoteText(value)} is ignored, and the proxy has the image ${quoteText(image)}`,
      expected:
        'an image with its registry, such as registry.example.com/istio/proxyv2:1.30.3, or no such annotation',
    }),
  ]
}

const MEANS_YES = /^(?:y|yes|on|enabled?|1|t|inject)$/i
const MEANS_NO = /^(?:n|no|off|disabled?|0|f)$/i

/** Webhooks and current injectors accept only `true` and `false`. The result may still be the intended one. */
function injectValue(workload: WorkloadSubject, facts: ClusterFacts, injected: boolean): readonly Finding[] {
  const { title, pod } = workload
  const label = labelOf(pod, INJECT_LABEL)
  const value = label ?? annotationOf(pod, INJECT_LABEL)
  if (value === undefined || value === '' || value === 'true' || value === 'false') return []
  if (facts.trial(workload).outcome.notes.some(({ code }) => code === 'inject-value-invalid')) return []
  if (MEANS_YES.test(value) ? injected : MEANS_NO.test(value) && !injected) return []
  const kind = label === undefined ? 'annotation' : 'label'
  return [
    makeFinding('annotation-value-ignored', {
      where: { object: title, path: `${kind} ${INJECT_LABEL}` },
      message: `${kind} ${INJECT_LABEL} is ${quoteText(value)}, and the pod is ${injected ? 'injected' : 'not injected'}`,
      expected: '"true" or "false"',
    }),
  ]
}
