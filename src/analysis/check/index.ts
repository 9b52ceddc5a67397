/**
 * `remora check`: the list of checks of a cluster, in the order of the report. A check is one pure file and independent
 * of the others.
 */

import { SEVERITIES, type Severity } from '../../inject/index.ts'
import type { VersionEvidence } from '../../istio/index.ts'
import { builtInTrials, checkBuiltInPods, templatesToTry } from './built-in-trials.ts'
import type { Check, CheckSubject } from './check-subject.ts'
import { checkClusterProblems } from './cluster-problems.ts'
import { checkConfigurations } from './configuration.ts'
import { checkControlPlaneAddresses } from './control-plane-addresses.ts'
import type { Finding } from './finding.ts'
import { checkIgnoredDefinitions } from './ignored-definitions.ts'
import { checkMesh } from './mesh.ts'
import { checkNamespaces } from './namespaces.ts'
import { checkTags } from './tags.ts'
import { checkValues } from './values.ts'
import { checkVersions } from './versions.ts'
import { checkWebhooks } from './webhooks.ts'
import { checkWorkloads, workloadsThatAsk } from './workload-trials.ts'

export type { CheckedWorkload, CheckSubject } from './check-subject.ts'
export { describePlace, type Finding, type FindingPlace } from './finding.ts'

/** To add a check: a file, and its position here. */
const checks: readonly Check[] = [
  checkClusterProblems,
  checkIgnoredDefinitions,
  checkConfigurations,
  checkVersions,
  checkValues,
  checkMesh,
  checkControlPlaneAddresses,
  checkTags,
  checkWebhooks,
  checkNamespaces,
  checkBuiltInPods,
  checkWorkloads,
]

export interface CheckedRevision {
  readonly name: string
  readonly namespace: string
  readonly tags: readonly string[]
  /** Its newest configuration serves. */
  readonly serves: boolean
  /** undefined: it could not be detected. */
  readonly istioVersion: string | undefined
  /** Readable: `ConfigMap label app.kubernetes.io/version`. */
  readonly versionReason: string | undefined
  readonly versionEvidence: VersionEvidence | undefined
  /** Number of pods that it was tried on. */
  readonly builtInPods: number
  readonly workloads: number
  /** Templates that pods cannot select. */
  readonly templatesNotTried: readonly string[]
}

export interface CheckReport {
  readonly revisions: readonly CheckedRevision[]
  /** Most severe first, and within a severity in the order of the checks. */
  readonly findings: readonly Finding[]
  readonly counts: { readonly [severity in Severity]: number }
}

/** Everything, or with a target what concerns that revision or prevents reading the whole cluster. */
export function checkCluster(subject: CheckSubject): CheckReport {
  const { target } = subject
  const found = checks.flatMap((check) => check(subject))
  const findings = found
    .filter(
      ({ revision, code }) =>
        target === undefined || revision === target || (revision === undefined && OF_THE_CLUSTER.has(code)),
    )
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  return {
    revisions: describeRevisions(subject),
    findings,
    counts: { error: count('error'), warning: count('warning'), note: count('note') },
  }
}

/** Problems that may hide something of every revision. */
const OF_THE_CLUSTER: ReadonlySet<string> = new Set([
  'cluster-folder-empty',
  'cluster-file-unreadable',
  'cluster-api-unreachable',
  'cluster-api-refused',
  'manifest-malformed',
  'object-malformed',
  'revisions-missing',
  'services-not-known',
  'webhooks-not-known',
])

function describeRevisions(subject: CheckSubject): readonly CheckedRevision[] {
  const { snapshot, target } = subject
  const asking = workloadsThatAsk(subject).length
  return [...snapshot.revisions.values()]
    .filter(({ name }) => target === undefined || name === target)
    .map(({ name, namespace, config, problem, newest, versionReason, versionEvidence }) => {
      const serving = problem === undefined ? config : undefined
      const tried = serving && templatesToTry(serving)
      const pods = serving && tried?.tried.flatMap((templates) => builtInTrials(templates, serving))
      return {
        name,
        namespace,
        tags: [...snapshot.tags].flatMap(([tag, revision]) => (revision === name ? [tag] : [])),
        serves: tried !== undefined,
        istioVersion: newest?.version.text,
        versionReason,
        versionEvidence,
        builtInPods: pods?.length ?? 0,
        workloads: tried === undefined ? 0 : asking,
        templatesNotTried: tried?.others ?? [],
      }
    })
}
