/** A container of the pod's own that happens to have the name of one that injection adds: the two become one. */
import { readEarlierInjection, wasInjected } from '../../../dataplane/index.ts'
import {
  CORE_DUMP_CONTAINER,
  INIT_CONTAINER,
  PROXY_CONTAINER,
  VALIDATION_CONTAINER,
} from '../../../istio/index.ts'
import { containersOf, findInPod, textAt } from '../../../kube/index.ts'
import { quoteText } from '../../../visible-text.ts'
import { makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { injectedPod } from './injected-pod.ts'

/** With a container istio-proxy of its own, a pod customises the proxy. */
const NAMES: ReadonlySet<string> = new Set([INIT_CONTAINER, VALIDATION_CONTAINER, CORE_DUMP_CONTAINER])

export const mergedContainers: Rule<'workload'> = {
  subject: 'workload',
  codes: ['container-merged'],
  needs: [],
  find(workload, facts) {
    const own = [...containersOf(workload.pod, 'initContainers'), ...containersOf(workload.pod, 'containers')]
    const suspects = own.filter((container) => NAMES.has(textAt(container, 'name')))
    const injected = suspects.length === 0 ? undefined : injectedPod(workload, facts)
    // With an earlier injection the containers are not the pod's own.
    if (injected === undefined || readEarlierInjection(injected.before) !== undefined) return []
    const { revision, after } = injected
    const added = readEarlierInjection(after)
    const proxyName = imageName(textAt(findInPod(after, PROXY_CONTAINER) ?? {}, 'image'))
    return suspects
      .map((container) => ({ name: textAt(container, 'name'), image: textAt(container, 'image') }))
      .filter(
        ({ name, image }) =>
          wasInjected(added, name) && image !== '' && image !== 'auto' && imageName(image) !== proxyName,
      )
      .map(({ name, image }) =>
        makeFinding('container-merged', {
          revision,
          where: { object: workload.title },
          message: `the pod's own container ${name} and the one that injection adds are merged into one, with the image ${quoteText(image)}`,
          expected: `a name other than ${name}`,
        }),
      )
  },
}

/** `proxyv2` of `hub.example.com/istio/proxyv2:1.30.3`. */
function imageName(image: string): string {
  const [path = ''] = image.split('@')
  const last = path.slice(path.lastIndexOf('/') + 1)
  return last.split(':')[0] ?? ''
}
