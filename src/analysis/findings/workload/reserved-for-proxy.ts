/** The proxy's user and ports, used by the application. */
import { PROXY_CONTAINER } from '../../../istio/index.ts'
import { isObject, own } from '../../../json/index.ts'
import { containersOf, listAt, objectAt, specOf, textAt } from '../../../kube/index.ts'
import { few } from '../few.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { type InjectedPod, injectedPod, sidecarForm } from './injected-pod.ts'

const PROXY_USER = 1337

/** Those that a sidecar always listens on. */
const PROXY_PORTS: ReadonlyMap<number, string> = new Map([
  [15000, 'administration'],
  [15001, 'outbound traffic'],
  [15004, 'debugging'],
  [15006, 'inbound traffic'],
  [15020, 'metrics and health'],
  [15021, 'health'],
  [15090, "Envoy's metrics"],
])

export const reservedForProxy: Rule<'workload'> = {
  subject: 'workload',
  codes: ['app-runs-as-proxy-user', 'app-uses-proxy-port'],
  needs: [],
  find(workload, facts) {
    const injected = injectedPod(workload, facts)
    if (injected === undefined || sidecarForm(injected) === undefined) return []
    return [...sameUser(workload, injected), ...samePorts(workload, injected)]
  },
}

function sameUser({ title, pod }: WorkloadSubject, { revision }: InjectedPod): readonly Finding[] {
  const ofPod = own(objectAt(specOf(pod), 'securityContext'), 'runAsUser')
  const names = applications(pod)
    .filter((container) => (own(objectAt(container, 'securityContext'), 'runAsUser') ?? ofPod) === PROXY_USER)
    .map((container) => textAt(container, 'name'))
  if (names.length === 0) return []
  return [
    makeFinding('app-runs-as-proxy-user', {
      revision,
      where: { object: title },
      message: `container ${few(names)} runs as user ${PROXY_USER}, the user of istio-proxy: its traffic bypasses the proxy`,
      expected: `a user other than ${PROXY_USER}`,
    }),
  ]
}

function samePorts({ title, pod }: WorkloadSubject, { revision }: InjectedPod): readonly Finding[] {
  const used = applications(pod).flatMap((container) =>
    listAt(container, 'ports')
      .filter(isObject)
      .filter((port) => textAt(port, 'protocol') !== 'UDP')
      .map((port) => own(port, 'containerPort'))
      .filter((port) => typeof port === 'number' && PROXY_PORTS.has(port))
      .map((port) => ({ port: Number(port), name: textAt(container, 'name') })),
  )
  if (used.length === 0) return []
  const shown = used.map(
    ({ port, name }) => `${port} of container ${name} (the proxy's port for ${PROXY_PORTS.get(port)})`,
  )
  return [
    makeFinding('app-uses-proxy-port', {
      revision,
      where: { object: title },
      message: `a sidecar listens on the same port: ${few(shown, 4)}`,
      expected: 'other ports',
    }),
  ]
}

/** The containers that run beside the proxy. */
function applications(pod: WorkloadSubject['pod']) {
  return containersOf(pod, 'containers').filter((container) => textAt(container, 'name') !== PROXY_CONTAINER)
}
