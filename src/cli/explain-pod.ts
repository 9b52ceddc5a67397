/** Everything about one pod: its sidecar, the sidecar that a new pod would get, and problems. */
import { parseInjectPath } from '../admission/index.ts'
import {
  compareSidecars,
  discoveryService,
  type ExistingSidecar,
  explainPod,
  findProvenance,
  type PodExplanation,
  type Provenance,
  readSidecar,
  type SidecarDifference,
} from '../analysis/index.ts'
import type { ObjectReader } from '../cluster/index.ts'
import type { InjectOptions, Snapshot } from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'
import { isFinished } from '../kube/index.ts'
import { type PodSubject, requestFor } from './pod-subject.ts'

/** What `remora explain` reads of a cluster. */
export interface ExplainedCluster {
  readonly snapshot: Snapshot
  readonly options: InjectOptions
  readonly objects: ObjectReader
  readonly webhooks: readonly JsonObject[]
}

export interface ExistingPod {
  /** undefined: it has no sidecar. */
  readonly sidecar: ExistingSidecar | undefined
  readonly controlPlane: ControlPlane | undefined
  /** undefined: no new pod would be created, so there is nothing to compare. */
  readonly restartChanges: readonly SidecarDifference[] | undefined
}

export type ControlPlane =
  | { readonly state: 'exists' | 'gone'; readonly service: string }
  /** The address is not one of a Service. */
  | { readonly state: 'not known' }

export interface ExplainedPod {
  readonly subject: PodSubject
  readonly explanation: PodExplanation
  /** undefined: the pod does not exist yet. */
  readonly existing: ExistingPod | undefined
  /** Where the injected fields come from; undefined: not requested, or nothing is injected. */
  readonly provenance?: Provenance
  /** Empty: there is no problem. */
  readonly problems: readonly string[]
}

export async function explainOne(
  subject: PodSubject,
  cluster: ExplainedCluster,
  withFields = false,
): Promise<ExplainedPod> {
  const request = requestFor(subject)
  const targetOf = (path: string) => parseInjectPath(path)?.target
  const { snapshot, options, webhooks } = cluster
  const explanation = explainPod({ request, webhooks, targetOf, options }, snapshot)
  const existing =
    subject.existing === undefined ? undefined : await describe(subject.existing, explanation, cluster)
  const problems = [...explanation.problems, ...(existing === undefined ? [] : problemsOf(existing))]
  const { decision, result } = explanation
  const config =
    withFields && result.kind === 'sidecar' && decision.kind === 'revision'
      ? snapshot.revisions.get(decision.decided.revision)?.config
      : undefined
  const provenance = config === undefined ? undefined : findProvenance({ request, snapshot, options, config })
  return { subject, explanation, existing, ...(provenance === undefined ? {} : { provenance }), problems }
}

async function describe(
  pod: JsonObject,
  explanation: PodExplanation,
  { objects }: ExplainedCluster,
): Promise<ExistingPod> {
  const sidecar = readSidecar(pod)
  const controlPlane = sidecar === undefined ? undefined : await findControlPlane(sidecar, objects)
  // A refused pod cannot be restarted, and is a problem of its own.
  const { kind } = explanation.result
  const comparable = !isFinished(pod) && (kind === 'sidecar' || kind === 'no-sidecar')
  const restartChanges = comparable ? compareSidecars(sidecar, explanation.sidecar) : undefined
  return { sidecar, controlPlane, restartChanges }
}

async function findControlPlane(sidecar: ExistingSidecar, objects: ObjectReader): Promise<ControlPlane> {
  const service = discoveryService(sidecar.discoveryAddress)
  if (service === undefined) return { state: 'not known' }
  const found = await objects.get('service', service)
  return { state: found === undefined ? 'gone' : 'exists', service: `${service.namespace}/${service.name}` }
}

function problemsOf({ controlPlane, restartChanges = [] }: ExistingPod): readonly string[] {
  return [
    ...(controlPlane?.state === 'gone'
      ? [`the control plane of its proxy no longer exists: there is no Service ${controlPlane.service}`]
      : []),
    ...(restartChanges.length === 0
      ? []
      : [`a restart would change it: ${restartChanges.map(describeDifference).join(', ')}`]),
  ]
}

export function describeDifference({ what, now, next }: SidecarDifference): string {
  return `${what} ${now ?? 'none'} -> ${next ?? 'none'}`
}
