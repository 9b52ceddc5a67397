/**
 * Tries the cluster's own workloads under every revision. What fails under a workload's own revision, or under the one
 * that is about to serve, is an error; under another one it is a warning: it would fail once the workload is moved
 * there.
 */

import { decideRevision, describeCode, isCode, type Outcome } from '../../inject/index.ts'
import { protoSchemaFor, proxyConfigMessage, remarkFields } from '../../istio/index.ts'
import { annotationOf, metadataOf, objectAt } from '../../kube/index.ts'
import { type CheckedWorkload, type CheckSubject, few, readYaml, usableConfigs } from './check-subject.ts'
import { type Finding, makeFinding } from './finding.ts'
import { describeRemark } from './mesh.ts'
import { injectForTrial, inspectInjected } from './trial.ts'

export interface AskingWorkload extends CheckedWorkload {
  /** The revision that the labels choose, which may be unusable. */
  readonly chosen: string | undefined
}

/** Those that request a sidecar, by their namespace's labels or their own. */
export function workloadsThatAsk({ workloads, snapshot }: CheckSubject): readonly AskingWorkload[] {
  return workloads.flatMap((workload) => {
    const decision = decideRevision(
      {
        target: { by: 'labels' },
        namespaceLabels: snapshot.namespaces.get(workload.namespace)?.labels,
        podLabels: objectAt(metadataOf(workload.pod), 'labels'),
      },
      snapshot,
    )
    return decision.kind === 'none' ? [] : [{ ...workload, chosen: decision.decided?.revision }]
  })
}

export function checkWorkloads(subject: CheckSubject): readonly Finding[] {
  const revisions = usableConfigs(subject).map(({ name }) => name)
  return workloadsThatAsk(subject).flatMap((workload) => [
    ...tryWorkload(workload, revisions, subject),
    ...strangeProxyConfig(workload, subject),
  ])
}

function tryWorkload(
  workload: AskingWorkload,
  revisions: readonly string[],
  subject: CheckSubject,
): readonly Finding[] {
  const { chosen, namespace, pod } = workload
  const failures = new Map<string, { readonly finding: Finding; readonly revisions: string[] }>()
  for (const revision of revisions) {
    const outcome = injectForTrial({ revision, namespace, pod }, subject.snapshot, subject)
    const counts = revision === chosen || revision === subject.target
    const found = [
      ...failuresOf(outcome, workload, counts),
      ...(revision === chosen ? warningsOf(outcome, workload) : []),
    ]
    for (const finding of found) {
      const known = failures.get(`${finding.code} ${finding.message}`)
      if (known === undefined) {
        failures.set(`${finding.code} ${finding.message}`, { finding, revisions: [revision] })
      } else {
        known.revisions.push(revision)
        if (finding.severity === 'error')
          failures.set(`${finding.code} ${finding.message}`, { ...known, finding })
      }
    }
  }
  return [...failures.values()].map(({ finding, revisions: under }) => ({
    ...finding,
    // A workload belongs to its present revision; what fails under another is about that one.
    ...revisionOf(under, chosen, subject.target),
    message: `${finding.message} (under ${few(under.map((name) => `revision ${name}`))})`,
  }))
}

function revisionOf(
  under: readonly string[],
  chosen: string | undefined,
  target: string | undefined,
): { readonly revision?: string } {
  const named = [target, chosen].find((name) => name !== undefined && under.includes(name)) ?? under[0]
  return named === undefined ? {} : { revision: named }
}

function failuresOf(outcome: Outcome, { title, pod }: CheckedWorkload, counts: boolean): readonly Finding[] {
  const where = { object: title }
  const severity = counts ? undefined : 'warning'
  switch (outcome.kind) {
    case 'skipped':
      return []
    case 'patched':
      return inspectInjected(pod, outcome.pod).map(({ code, message, expected }) =>
        makeFinding(code, { where, message, expected, severity }),
      )
    case 'refused':
    case 'fault': {
      const { code, message } = outcome
      const expected = 'a pod that is injected'
      return [makeFinding(isCode(code) ? code : 'internal-error', { where, message, expected, severity })]
    }
  }
}

/** The warnings for whoever creates the pod, except those about its namespace, which are reported there. */
function warningsOf({ notes }: Outcome, { title }: CheckedWorkload): readonly Finding[] {
  return notes.flatMap(({ code, message }) =>
    isCode(code) &&
    describeCode(code)?.warns === true &&
    !message.startsWith("the namespace's label") &&
    !message.startsWith('the namespace has')
      ? [makeFinding(code, { where: { object: title }, message, expected: 'a pod without warnings' })]
      : [],
  )
}

function strangeProxyConfig({ title, pod, chosen }: AskingWorkload, { snapshot }: CheckSubject) {
  const text = annotationOf(pod, 'proxy.istio.io/config')
  const version = snapshot.revisions.get(chosen ?? '')?.config?.version
  if (text === undefined || version === undefined) return []
  return remarkFields(protoSchemaFor(version), proxyConfigMessage, readYaml(text)).map((remark) => {
    const { code, message, expected } = describeRemark(remark, version.text)
    return makeFinding(code === 'unknown' ? 'proxy-config-field-unknown' : 'setting-deprecated', {
      revision: chosen,
      where: { object: title, path: `annotation proxy.istio.io/config: ${remark.path.join('.')}` },
      message,
      expected,
    })
  })
}
