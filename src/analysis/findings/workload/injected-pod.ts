/** The pod of a workload before and after injection, for rules about the result. */

import { readEarlierInjection, wasInjected } from '../../../dataplane/index.ts'
import type { RevisionConfig } from '../../../inject/index.ts'
import { INIT_CONTAINER, PROXY_CONTAINER } from '../../../istio/index.ts'
import type { JsonObject } from '../../../json/index.ts'
import { containersOf, findContainer, findInPod } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import type { WorkloadSubject } from '../subject.ts'
import { asksForSidecar } from './asks-for-sidecar.ts'

export interface InjectedPod {
  readonly revision: string
  readonly config: RevisionConfig
  readonly before: JsonObject
  readonly after: JsonObject
}

/** Under the target if there is one, else as the labels choose; undefined: nothing injects it. */
export function injectedPod(workload: WorkloadSubject, facts: ClusterFacts): InjectedPod | undefined {
  const { decision, called, revision: chosen, outcome: now } = facts.trial(workload)
  const { target } = facts
  // With a target it does not matter which webhook is called now.
  if (target === undefined ? decision.kind === 'none' || called === false : !asksForSidecar(workload, facts))
    return undefined
  const revision = target ?? chosen
  const config = revision === undefined ? undefined : facts.snapshot.revisions.get(revision)?.config
  if (revision === undefined || config === undefined) return undefined
  const outcome = revision === chosen ? now : facts.outcomeUnder(workload, revision)
  if (outcome.kind !== 'patched') return undefined
  return { revision, config, before: workload.pod, after: outcome.pod }
}

export type SidecarForm = 'ordinary' | 'native'

/** Of the proxy that injection added beside the application; undefined: none, or the pod is a gateway. */
export function sidecarForm({ before, after }: InjectedPod): SidecarForm | undefined {
  const others = containersOf(before, 'containers').some(({ name }) => name !== PROXY_CONTAINER)
  if (!others || findInPod(after, PROXY_CONTAINER) === undefined) return undefined
  return findContainer(containersOf(after, 'containers'), PROXY_CONTAINER) === undefined
    ? 'native'
    : 'ordinary'
}

/** Traffic of the pod is redirected to the proxy: by istio-init, or by the CNI plug-in before any container starts. */
export function redirection({ after }: InjectedPod): 'init container' | 'cni' {
  return wasInjected(readEarlierInjection(after), INIT_CONTAINER) ? 'init container' : 'cni'
}
