/**
 * Tries the cluster's own workloads under every revision. What fails under a workload's own revision, or under the one
 * that is about to serve, is an error; under another one it is a warning: it would fail once the workload is moved
 * there.
 */

import type { Outcome } from '../../../inject/index.ts'
import { protoSchemaFor, proxyConfigMessage, remarkFields } from '../../../istio/index.ts'
import { annotationOf } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { describeRemark } from '../configuration/mesh.ts'
import { readYaml, usableConfigs } from '../configuration/texts.ts'
import { few } from '../few.ts'
import { type Finding, makeFinding } from '../finding.ts'
import { withOrigins } from '../image-origin.ts'
import { passedOn, trialCodes } from '../passed-on-codes.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'
import { inspectInjected, requestOf } from '../trial-pod.ts'
import { asksForSidecar } from './asks-for-sidecar.ts'

export const workloadTrials: Rule<'workload'> = {
  subject: 'workload',
  codes: [...trialCodes, 'proxy-config-field-unknown', 'setting-deprecated'],
  needs: [],
  find(workload, facts) {
    if (!asksForSidecar(workload, facts)) return []
    const { target, snapshot } = facts
    const usable = usableConfigs(snapshot).map(({ name }) => name)
    // The report of a target names no other revision.
    const revisions = usable.filter((name) => target === undefined || name === target)
    return [...tryWorkload(workload, revisions, facts), ...strangeProxyConfig(workload, facts)]
  },
}

function tryWorkload(
  workload: WorkloadSubject,
  revisions: readonly string[],
  facts: ClusterFacts,
): readonly Finding[] {
  const chosen = facts.trial(workload).revision
  const failures = new Map<string, { readonly finding: Finding; readonly revisions: string[] }>()
  for (const revision of revisions) {
    const outcome = facts.outcomeUnder(workload, revision)
    const counts = revision === chosen || revision === facts.target
    for (const finding of failuresOf(outcome, workload, { revision, facts, counts })) {
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
    ...revisionOf(under, chosen, facts.target),
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

interface Circumstances {
  readonly revision: string
  readonly facts: ClusterFacts
  /** The workload has the revision, or will have it. */
  readonly counts: boolean
}

function failuresOf(
  outcome: Outcome,
  { title, namespace, pod }: WorkloadSubject,
  { revision, facts, counts }: Circumstances,
): readonly Finding[] {
  const where = { object: title }
  const severity = counts ? undefined : 'warning'
  switch (outcome.kind) {
    case 'skipped':
      return []
    case 'patched': {
      const { snapshot, options } = facts
      const config = snapshot.revisions.get(revision)?.config
      const problems = inspectInjected(pod, outcome.pod)
      const request = requestOf({ revision, namespace, pod }, facts)
      const explained =
        config === undefined ? problems : withOrigins(problems, { request, snapshot, options, config })
      return explained.map(({ code, message, expected, fix }) =>
        makeFinding(code, { where, message, expected, severity, fix }),
      )
    }
    case 'refused':
    case 'fault': {
      const { code, message } = outcome
      const expected = 'a pod that is injected'
      return [
        makeFinding(passedOn(code, trialCodes, 'internal-error'), { where, message, expected, severity }),
      ]
    }
  }
}

function strangeProxyConfig(workload: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const { title, pod } = workload
  const chosen = facts.trial(workload).revision
  const text = annotationOf(pod, 'proxy.istio.io/config')
  const version = facts.snapshot.revisions.get(chosen ?? '')?.config?.version
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
