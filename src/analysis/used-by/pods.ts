/** Running pods whose proxies ask the control plane, and workloads whose next pods would. Finished pods never count. */
import type { ProxyKind, WorkloadName } from '../../dataplane/index.ts'
import { WORKLOAD_KINDS } from '../../kube/index.ts'
import { askedByWorkload } from './asked.ts'
import { type Dependant, type DependantKind, dependant, objectName } from './dependant.ts'
import type { JudgedWorkload, RunningPod, UsedByFacts } from './facts.ts'
import { revisionNamed, type UsedBySubject } from './subject.ts'

const LOSES_CONTROL_PLANE =
  'They keep running, but get no new configuration, endpoints or certificates, and fail once their certificate expires.'
const NEEDS = ['pod', 'service', 'deployment'] as const

export const pods: DependantKind = {
  id: 'pods',
  one: 'pod',
  many: 'pods',
  effect: LOSES_CONTROL_PLANE,
  fix: 'Move their namespaces or workloads to another revision, then restart them (`remora status --cluster live` prints the commands).',
  needs: NEEDS,
  find: (subject, facts) => podsOf(['sidecar', 'none'], subject, facts),
}

export const gateways: DependantKind = {
  id: 'gateways',
  one: 'gateway pod',
  many: 'gateway pods',
  effect: LOSES_CONTROL_PLANE,
  fix: 'Move their workloads to another revision and restart them, or upgrade their installation.',
  needs: NEEDS,
  find: (subject, facts) => podsOf(['injected-gateway', 'ready-made-gateway'], subject, facts),
}

export const waypoints: DependantKind = {
  id: 'waypoints',
  one: 'waypoint pod',
  many: 'waypoint pods',
  effect: LOSES_CONTROL_PLANE,
  fix: 'Label their Gateway with another revision: `kubectl label gateway NAME -n NAMESPACE istio.io/rev=OTHER --overwrite`.',
  needs: NEEDS,
  find: (subject, facts) => podsOf(['waypoint'], subject, facts),
}

export const ztunnels: DependantKind = {
  id: 'ztunnels',
  one: 'ztunnel pod',
  many: 'ztunnel pods',
  effect: 'Ambient workloads of their nodes get no new configuration and certificates.',
  fix: 'Upgrade the ztunnel installation to another revision.',
  needs: NEEDS,
  find: (subject, facts) => podsOf(['ztunnel'], subject, facts),
}

export const workloads: DependantKind = {
  id: 'workloads',
  one: 'workload',
  many: 'workloads',
  effect: 'Their new pods would start without a sidecar, or would be refused.',
  fix: 'Label their namespaces or pod templates with another revision.',
  needs: [...WORKLOAD_KINDS, 'namespace'],
  find: (subject, facts) => {
    const listed = new Set(
      subject.kind === 'tag'
        ? []
        : facts.pods.filter((pod) => asks(pod, subject, facts)).map(({ entry }) => nameText(entry.workload)),
    )
    return facts.workloads.flatMap((workload) => {
      const name = nameText(workload.entry.workload)
      return !listed.has(name) && getsNext(workload, subject, facts)
        ? [dependant(name, whyNext(workload, subject))]
        : []
    })
  },
}

function podsOf(
  kinds: readonly ProxyKind[],
  subject: UsedBySubject,
  facts: UsedByFacts,
): readonly Dependant[] {
  return facts.pods
    .filter((pod) => kinds.includes(pod.entry.proxy) && asks(pod, subject, facts))
    .map(({ entry, addresses }) => {
      const { namespace, name, workload } = entry
      const why =
        addresses.length === 0 ? `injected by ${entry.actual ?? ''}` : `asks ${addresses.join(' and ')}`
      return dependant(objectName('Pod', { namespace, name }), why, nameText(workload))
    })
}

function asks({ entry, services }: RunningPod, subject: UsedBySubject, facts: UsedByFacts): boolean {
  const { controlPlanes, snapshot } = facts
  if (subject.kind === 'tag') return services.some((service) => controlPlanes.tagOf(service) === subject.name)
  if (services.some((service) => controlPlanes.needs(subject.name, service))) return true
  if (entry.actual === undefined || revisionNamed(entry.actual, snapshot) !== subject.name) return false
  // What it asks is outside of the cluster, or not known.
  return services.every((service) => controlPlanes.ofService(service).size === 0)
}

function getsNext(
  { entry, object }: JudgedWorkload,
  subject: UsedBySubject,
  { snapshot }: UsedByFacts,
): boolean {
  if (entry.next?.kind !== 'sidecar') return false
  if (subject.kind === 'revision') return entry.next.revision === subject.name
  const asked = object === undefined ? undefined : askedByWorkload(object, snapshot)
  return asked?.name === subject.name
}

function whyNext({ entry: { workload, pods: running } }: JudgedWorkload, subject: UsedBySubject): string {
  const get = subject.kind === 'tag' ? 'would get their revision by it' : 'would get it'
  if (running.length === 0)
    return workload.kind === 'CronJob'
      ? `the pods of its next run ${get}`
      : `it has no pods now; new ones ${get}`
  const actual = [...new Set(running.map((pod) => pod.actual ?? 'no sidecar'))].join(', ')
  return `its pods have ${actual}; new ones ${get}`
}

function nameText({ kind, namespace, name }: WorkloadName): string {
  return objectName(kind, { namespace, name })
}
