/** Everything about one pod: its sidecar, the sidecar that a new pod would get, and the findings about both. */
import { parseInjectPath } from '../admission/index.ts'
import {
  type ClusterFacts,
  compareSidecars,
  discoveryService,
  type ExistingSidecar,
  explainPod,
  type Finding,
  findingsOf,
  findProvenance,
  findRestart,
  findService,
  type PodExplanation,
  type Provenance,
  podSubject,
  readSidecar,
  type SidecarDifference,
  type WorkloadSubject,
} from '../analysis/index.ts'
import type { ObjectReader } from '../cluster/index.ts'
import { readInjected } from '../dataplane/index.ts'
import type { JsonObject } from '../json/index.ts'
import { isFinished, textAt } from '../kube/index.ts'
import { type PodSubject, requestFor } from './pod-subject.ts'

/** What `remora explain` reads of a cluster. */
export interface ExplainedCluster {
  readonly facts: ClusterFacts
  readonly objects: ObjectReader
}

export interface ExistingPod {
  /** undefined: it has no sidecar. */
  readonly sidecar: ExistingSidecar | undefined
  readonly controlPlane: ControlPlane | undefined
  /** undefined: no new pod would be created, so there is nothing to compare. */
  readonly restartChanges: readonly SidecarDifference[] | undefined
  /** What replaces it: nothing restarts a pod without an owner. */
  readonly replacedBy: 'restart' | 'create again'
}

export type ControlPlane =
  | { readonly state: 'exists' | 'gone'; readonly service: string }
  /** The address is not one of a Service, or the Service could not be read. */
  | { readonly state: 'not known' }

export interface ExplainedPod {
  readonly subject: PodSubject
  readonly explanation: PodExplanation
  /** undefined: the pod does not exist yet. */
  readonly existing: ExistingPod | undefined
  /** Where the injected fields come from; undefined: not requested, or nothing is injected. */
  readonly provenance?: Provenance
  /** Those that `remora check` reports of the pod and of its workload, the worst first. */
  readonly findings: readonly Finding[]
}

/** The findings that make a difference to the exit code; notes do not. */
export function problemsOf({ findings }: Pick<ExplainedPod, 'findings'>): readonly Finding[] {
  return findings.filter(({ severity }) => severity !== 'note')
}

export function explainOne(
  subject: PodSubject,
  { facts }: ExplainedCluster,
  withFields = false,
): ExplainedPod {
  const request = requestFor(subject)
  const targetOf = (path: string) => parseInjectPath(path)?.target
  const { snapshot, options } = facts
  const webhooks = facts.objects('mutatingwebhookconfiguration') ?? []
  const explanation = explainPod({ request, webhooks, targetOf, options }, snapshot)
  const existing =
    subject.existing === undefined ? undefined : describe(subject.existing, explanation, { subject, facts })
  const { decision, result } = explanation
  const config =
    withFields && result.kind === 'sidecar' && decision.kind === 'revision'
      ? snapshot.revisions.get(decision.decided.revision)?.config
      : undefined
  const provenance = config === undefined ? undefined : findProvenance({ request, snapshot, options, config })
  return {
    subject,
    explanation,
    existing,
    ...(provenance === undefined ? {} : { provenance }),
    findings: findingsAbout(subject, facts),
  }
}

/** Those of the pod, if it exists, and of whatever creates it. */
export function findingsAbout(subject: PodSubject, facts: ClusterFacts): readonly Finding[] {
  const { existing } = subject
  const workload = workloadOf(subject, facts)
  const ofWorkload = findingsOf(workload, facts)
  if (existing === undefined || isFinished(existing)) return ofWorkload
  return [
    ...findingsOf(
      podSubject(existing, () => workload),
      facts,
    ),
    ...ofWorkload,
  ]
}

/** What creates the pod. */
export function workloadOf(subject: PodSubject, facts: ClusterFacts): WorkloadSubject {
  const { namespace, object, pod, owner, fromFile = false } = subject
  const title = owner ?? subject.title
  const known = fromFile ? undefined : facts.workloads().find((one) => one.title === title)
  return known ?? { type: 'workload', title, namespace, object, pod }
}

interface Around {
  readonly subject: PodSubject
  readonly facts: ClusterFacts
}

function describe(pod: JsonObject, explanation: PodExplanation, { subject, facts }: Around): ExistingPod {
  const sidecar = readSidecar(pod)
  const controlPlane = sidecar === undefined ? undefined : findControlPlane(sidecar, facts)
  // A refused pod cannot be restarted, and is reported as a problem anyway.
  const { kind } = explanation.result
  const comparable = !isFinished(pod) && (kind === 'sidecar' || kind === 'no-sidecar')
  const restartChanges = comparable ? compareSidecars(readInjected(pod), explanation.sidecar) : undefined
  const isBare = textAt(subject.object, 'kind') === 'Pod' && findRestart(subject.object).kind === 'by-hand'
  return { sidecar, controlPlane, restartChanges, replacedBy: isBare ? 'create again' : 'restart' }
}

function findControlPlane(sidecar: ExistingSidecar, facts: ClusterFacts): ControlPlane {
  const service = discoveryService(sidecar.discoveryAddress)
  const services = facts.objects('service')
  if (service === undefined || services === undefined) return { state: 'not known' }
  const found = findService(services, service)
  return { state: found === undefined ? 'gone' : 'exists', service: `${service.namespace}/${service.name}` }
}

export function describeDifference({ what, now, next }: SidecarDifference): string {
  return `${what} ${now ?? 'none'} -> ${next ?? 'none'}`
}
