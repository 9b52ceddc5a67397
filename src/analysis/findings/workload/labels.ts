/**
 * The labels and annotations of the pod itself: the core's notes, which its creator gets as warnings with the same code and
 * message, and requests that no control plane serves. Problems that the namespace causes are findings of the namespace,
 * which its workloads share (find.ts).
 */
import { proxyKindOf } from '../../../dataplane/index.ts'
import { type CodeOf, describeCode, isCode } from '../../../inject/index.ts'
import { INJECT_LABEL, INJECTION_LABEL, labelOf, REVISION_LABEL } from '../../../kube/index.ts'
import { type ClusterFacts, isInjectorCalled } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import { notesOfNamespace, noteText } from '../namespace/namespace-notes.ts'
import { chosenByNamespace, DATAPLANE_MODE } from '../namespace/switched-off.ts'
import { warningCodes } from '../passed-on-codes.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { placeholders } from './image-placeholder.ts'

export const workloadLabels: Rule<'workload'> = {
  subject: 'workload',
  codes: [
    ...warningCodes,
    'no-default-revision',
    'pod-request-ignored',
    'ambient-and-sidecar',
    'namespace-not-called',
  ],
  needs: [],
  find: (workload, facts) => [
    ...warnings(workload, facts),
    ...unserved(workload, facts),
    ...ignoredRequest(workload, facts),
    ...served(workload, facts),
  ],
}

function served(workload: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const { outcome, called, revision } = facts.trial(workload)
  if (revision === undefined || outcome.kind === 'skipped') return []
  if (called === false) return uncalled(workload, facts, revision)
  return outcome.kind === 'patched' ? ambient(workload, facts, revision) : []
}

/** An error if no control plane serves what the pod's own labels request, and no other label gives it a sidecar. */
function warnings(workload: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const trial = facts.trial(workload)
  const { outcome, decision, revision } = trial
  // Its labels and annotations come from the renderer, and are not requests of the user. Without a webhook nobody is warned.
  const proxy = proxyKindOf(workload.pod)
  if ((proxy === 'ready-made-gateway' || proxy === 'waypoint') && !isInjectorCalled(trial)) return []
  const known = facts.snapshot.namespaces.get(workload.namespace)
  const ofNamespace = new Set(
    known === undefined ? [] : notesOfNamespace(known, facts.snapshot).notes.map(noteText),
  )
  const notes = outcome.notes.filter((note) => !ofNamespace.has(noteText(note)))
  return notes.flatMap(({ code, message }) =>
    isCode(code) && describeCode(code)?.warns === true
      ? [
          makeFinding(code, {
            revision,
            where: { object: workload.title },
            message,
            expected: 'a pod without warnings',
            severity: code === 'revision-label-unserved' && decision.kind === 'none' ? 'error' : undefined,
          }),
        ]
      : [],
  )
}

/** The pod's own label requests the default revision. Other values than true are in annotation-values.ts. */
function unserved(workload: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const { decision } = facts.trial(workload)
  if (decision.kind !== 'none') return []
  const where = { object: workload.title }
  const asks = labelOf(workload.pod, INJECT_LABEL)
  if (decision.code === 'no-default-revision' && asks === 'true')
    return [
      makeFinding('no-default-revision', {
        where,
        message: `the pod has ${INJECT_LABEL}=true, but there is neither a default revision nor a tag default`,
        expected: 'a default revision, or a label istio.io/rev',
      }),
    ]
  return []
}

function ignoredRequest(workload: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const { title, namespace, pod } = workload
  if (labelOf(pod, INJECT_LABEL) !== 'true') return []
  const injection = facts.snapshot.namespaces.get(namespace)?.labels.get(INJECTION_LABEL)
  if (injection === undefined || injection === 'enabled') return neverInjected(workload, facts)
  // Then the warning about that label reports it.
  if (labelOf(pod, REVISION_LABEL) !== undefined) return []
  return [
    makeFinding('pod-request-ignored', {
      where: { object: title },
      message: `the pod has ${INJECT_LABEL}=true, but its namespace has ${INJECTION_LABEL}=${injection}`,
      expected: 'a namespace that does not disable injection',
    }),
  ]
}

const NEVER_INJECTED: ReadonlySet<string> = new Set<CodeOf<'skipped'>>(['host-network', 'system-namespace'])

/** No label helps; with the image `auto` another rule reports the same as an error. */
function neverInjected(workload: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const { outcome } = facts.trial(workload)
  if (outcome.kind !== 'skipped' || !NEVER_INJECTED.has(outcome.code)) return []
  if (placeholders(workload.pod).length > 0) return []
  const { sentence = outcome.code, fix } = describeCode(outcome.code) ?? {}
  return [
    makeFinding('pod-request-ignored', {
      where: { object: workload.title },
      message: `the pod has ${INJECT_LABEL}=true, but is not injected: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`,
      expected: 'a pod that can be injected, or no request',
      fix,
    }),
  ]
}

/** Where the labels of the namespace alone request both, it is reported of the namespace. */
function ambient(
  { title, namespace, pod }: WorkloadSubject,
  facts: ClusterFacts,
  revision: string,
): readonly Finding[] {
  const known = facts.snapshot.namespaces.get(namespace)
  const ofNamespace = known?.labels.get(DATAPLANE_MODE) === 'ambient'
  const ofPod = labelOf(pod, DATAPLANE_MODE)
  if (ofPod !== 'ambient' && (!ofNamespace || ofPod !== undefined)) return []
  if (ofNamespace && known !== undefined && chosenByNamespace(known, facts.snapshot) !== undefined) return []
  return [
    makeFinding('ambient-and-sidecar', {
      revision,
      where: { object: title },
      message: `the ${ofPod === 'ambient' ? 'pod' : 'namespace'} has ${DATAPLANE_MODE}=ambient, and the pod gets the sidecar of revision ${revision}, which takes precedence`,
      expected: 'one of the two',
    }),
  ]
}

/** No webhook matches although the labels select a revision; where the namespace's do, it is reported of the namespace. */
function uncalled(
  { title, namespace }: WorkloadSubject,
  facts: ClusterFacts,
  revision: string,
): readonly Finding[] {
  const known = facts.snapshot.namespaces.get(namespace)
  if (known !== undefined && chosenByNamespace(known, facts.snapshot) !== undefined) return []
  return [
    makeFinding('namespace-not-called', {
      revision,
      where: { object: title },
      message: `its labels select revision ${revision}, but no webhook matches them`,
      expected: `a webhook of revision ${revision} that matches`,
    }),
  ]
}
