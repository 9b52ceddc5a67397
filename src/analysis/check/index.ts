/** `remora check`: the findings of all subjects of a cluster as a report. */
import { SEVERITIES, type Severity } from '../../inject/index.ts'
import type { VersionEvidence } from '../../istio/index.ts'
import { builtInTrials, templatesToTry } from '../findings/configuration/built-in-trials.ts'
import { usableConfig } from '../findings/configuration/texts.ts'
import {
  type ClusterFacts,
  type Finding,
  findAll,
  findNotJudged,
  inOrder,
  type NotJudged,
  ofTarget,
} from '../findings/index.ts'
import { asksForSidecar } from '../findings/workload/asks-for-sidecar.ts'

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
  /** Most severe first. */
  readonly findings: readonly Finding[]
  readonly counts: { readonly [severity in Severity]: number }
  readonly notJudged: readonly NotJudged[]
}

/** Everything, or with a target what concerns that revision or prevents reading the whole cluster. */
export function checkCluster(facts: ClusterFacts): CheckReport {
  const findings = ofTarget(inOrder(findAll(facts)), facts)
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  const [error, warning, note] = SEVERITIES.map(count)
  return {
    revisions: describeRevisions(facts),
    findings,
    counts: { error: error ?? 0, warning: warning ?? 0, note: note ?? 0 },
    notJudged: findNotJudged(facts),
  }
}

function describeRevisions(facts: ClusterFacts): readonly CheckedRevision[] {
  const { snapshot, target } = facts
  const asking = facts.workloads().filter((workload) => asksForSidecar(workload, facts)).length
  return [...snapshot.revisions.values()]
    .filter(({ name }) => target === undefined || name === target)
    .map((revision) => {
      const { name, namespace, newest, versionReason, versionEvidence } = revision
      const serving = usableConfig(revision)
      const tried = serving && templatesToTry(serving)
      const pods = serving && tried?.tried.flatMap((templates) => builtInTrials(templates, serving))
      return {
        name,
        namespace,
        tags: [...snapshot.tags].flatMap(([tag, of]) => (of === name ? [tag] : [])),
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
