/**
 * What the API server says about the injected pods (`--dry-run=server`): the pod that a command sends, and the findings that
 * follow from the verdict.
 */
import type { JsonObject } from '../../../json/index.ts'
import {
  type ContainerField,
  containersOf,
  type DryRunProblem,
  INJECT_LABEL,
  podToCreate,
  textAt,
} from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import { DRY_RUN } from '../need.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { injectedPod } from './injected-pod.ts'

export interface SentPod {
  readonly pod: JsonObject
  /** The revision that injected it. */
  readonly revision: string
  /** It has the label that opts out of injection, which its template does not have. */
  readonly optOut: boolean
}

/**
 * The injected pod of a workload, as it is created for the dry run; undefined: nothing injects it. The API server calls the
 * webhook of its revision again, which undoes the injection and repeats it with the same result. If the pod was injected for another
 * revision than its labels choose, that webhook would replace the sidecar, so the pod opts out.
 */
export function podToSend(workload: WorkloadSubject, facts: ClusterFacts): SentPod | undefined {
  const injected = injectedPod(workload, facts)
  if (injected === undefined) return undefined
  const { revision, after } = injected
  const { namespace, object } = workload
  const optOut = revision !== facts.trial(workload).revision
  return { revision, optOut, pod: podToCreate(after, { namespace, workload: object, optOut }) }
}

export const serverDryRun: Rule<'workload'> = {
  subject: 'workload',
  codes: ['api-server-refuses-pod', 'api-server-warns', 'dry-run-not-judged'],
  needs: [DRY_RUN],
  find(workload, facts) {
    const verdict = facts.dryRunOf(workload)
    const sent = verdict === undefined ? undefined : podToSend(workload, facts)
    if (verdict === undefined || sent === undefined) return []
    const about = { object: workload.title }
    const { revision } = sent
    switch (verdict.kind) {
      case 'accepted':
        return verdict.warnings.map((message) =>
          makeFinding('api-server-warns', {
            revision,
            where: about,
            message: `the API server accepts the injected pod with a warning: ${message}`,
            expected: 'a pod without warnings',
            group: message,
          }),
        )
      case 'refused':
        return verdict.problems.map((problem) => refusal(workload, problem, sent))
      case 'not-judged':
        return [
          makeFinding('dry-run-not-judged', {
            revision,
            where: about,
            message: `not judged by the API server: ${verdict.why}`,
            expected: 'a verdict of the API server',
            group: verdict.why,
          }),
        ]
    }
  },
}

function refusal({ title, namespace }: WorkloadSubject, problem: DryRunProblem, sent: SentPod): Finding {
  const { field, message } = problem
  const container = field === undefined ? undefined : containerAt(field, sent.pod)
  const isFull = /^exceeded quota: /.test(message)
  return makeFinding('api-server-refuses-pod', {
    revision: sent.revision,
    // A dry run asks for one pod beside those that run and use the quota too.
    severity: isFull ? 'warning' : undefined,
    where: { object: title, ...(field === undefined ? {} : { path: field }) },
    message: `the API server refuses ${isFull ? 'one more' : 'the injected'} pod: ${container === undefined ? '' : `container ${container}: `}${message}`,
    expected: 'a pod that the API server accepts',
    fix: fixOf(message, isFull, sent),
    group: JSON.stringify([namespace, field, container, message]),
  })
}

/** undefined: that of the code. */
function fixOf(message: string, isFull: boolean, { optOut }: SentPod): string | undefined {
  if (isFull)
    return 'Raise the quota, or lower the resources of the proxies. The running pods use it too: a rollout that creates a pod before it deletes one is stuck.'
  if (optOut && message.includes(INJECT_LABEL))
    return `If a policy forbids the label ${INJECT_LABEL}=false, ignore this: only the dry run sets it, so that the webhook of the present revision does not replace the sidecar.`
  return undefined
}

const CONTAINER = /^spec\.(containers|initContainers)\[(\d+)\]/

/** Kubernetes numbers containers. */
function containerAt(field: string, pod: JsonObject): string | undefined {
  const [, list, index] = CONTAINER.exec(field) ?? []
  if (list === undefined) return undefined
  // The expression names no other lists.
  const container = containersOf(pod, list as ContainerField)[Number(index)]
  return container === undefined ? undefined : textAt(container, 'name')
}
