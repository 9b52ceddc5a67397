/** The effects of an ordinary (not native) sidecar on Jobs and init containers. */
import { PROXY_CONTAINER } from '../../../istio/index.ts'
import { own } from '../../../json/index.ts'
import { annotationOf, containersOf, findContainer, objectAt, specOf, textAt } from '../../../kube/index.ts'
import { few } from '../few.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { type InjectedPod, injectedPod, redirection, sidecarForm } from './injected-pod.ts'

export const ordinarySidecars: Rule<'workload'> = {
  subject: 'workload',
  codes: ['job-does-not-end', 'init-container-without-network', 'application-starts-before-proxy'],
  needs: [],
  find(workload, facts) {
    const injected = injectedPod(workload, facts)
    if (injected === undefined || sidecarForm(injected) !== 'ordinary') return []
    return [
      ...endlessJob(workload, injected),
      ...initWithoutNetwork(workload, injected),
      ...startsFirst(workload, injected),
    ]
  },
}

function endlessJob({ title, pod }: WorkloadSubject, { revision }: InjectedPod): readonly Finding[] {
  const policy = textAt(specOf(pod), 'restartPolicy')
  if (policy !== 'Never' && policy !== 'OnFailure') return []
  return [
    makeFinding('job-does-not-end', {
      revision,
      where: { object: title },
      message: `revision ${revision} adds an ordinary sidecar, which keeps running: the Job is not complete until something stops it`,
      expected: 'a native sidecar, or a job that stops its proxy when it is done',
      group: 'jobs',
    }),
  ]
}

/** istio-init comes after the pod's own init containers; the CNI plug-in redirects before them. */
function initWithoutNetwork({ title, pod }: WorkloadSubject, injected: InjectedPod): readonly Finding[] {
  if (redirection(injected) === 'init container') return []
  const ofPod = own(objectAt(specOf(pod), 'securityContext'), 'runAsUser')
  const names = containersOf(pod, 'initContainers')
    .filter((one) => (own(objectAt(one, 'securityContext'), 'runAsUser') ?? ofPod) !== PROXY_USER)
    .map((one) => textAt(one, 'name'))
  // A pod with an exclusion is meant to use the network before the proxy starts.
  if (names.length === 0 || EXCLUSIONS.some((name) => annotationOf(pod, name) !== undefined)) return []
  return [
    makeFinding('init-container-without-network', {
      revision: injected.revision,
      where: { object: title },
      message: `traffic is redirected before init containers start, and the ordinary sidecar starts after them: ${few(names)} cannot reach the network`,
      expected: 'a native sidecar, or init containers that need no network',
      group: 'init containers',
    }),
  ]
}

const PROXY_USER = 1337
const EXCLUSIONS = [
  'traffic.sidecar.istio.io/excludeOutboundIPRanges',
  'traffic.sidecar.istio.io/excludeOutboundPorts',
]

/** With holdApplicationUntilProxyStarts the proxy is the first container, and the others wait for it. */
function startsFirst({ title }: WorkloadSubject, { revision, after }: InjectedPod): readonly Finding[] {
  const proxy = findContainer(containersOf(after, 'containers'), PROXY_CONTAINER)
  if (proxy === undefined || own(objectAt(proxy, 'lifecycle'), 'postStart') !== undefined) return []
  return [
    makeFinding('application-starts-before-proxy', {
      revision,
      where: { object: title },
      message: `revision ${revision} adds an ordinary sidecar without holdApplicationUntilProxyStarts: the first requests of the application may fail`,
      expected: 'a native sidecar, or holdApplicationUntilProxyStarts: true',
      group: 'without hold',
    }),
  ]
}
