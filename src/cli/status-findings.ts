/** What `remora check` reports of each workload and pod of `remora status --cluster`. */
import { findingsOf, subjectsOf } from '../analysis/index.ts'
import { nameOf, type PodEntry, workloadKey } from '../dataplane/index.ts'
import { type FactsSource, readFacts } from './read-facts.ts'

/** Codes by object, the worst finding first. */
export interface StatusFindings {
  /** By the key of the ledger. */
  ofWorkload(key: string): readonly string[]
  ofPod(pod: Pick<PodEntry, 'namespace' | 'name'>): readonly string[]
}

export async function readStatusFindings(
  source: Omit<FactsSource, 'problems' | 'subjects' | 'target'>,
): Promise<StatusFindings> {
  const facts = await readFacts({ ...source, problems: [], subjects: ['namespace', 'workload', 'pod'] })
  // A bare pod is both a workload and a pod.
  const found = Map.groupBy([...facts.workloads(), ...subjectsOf('pod', facts)], ({ title }) => title)
  const codes = new Map(
    [...found].map(([title, subjects]) => {
      const findings = subjects.flatMap((subject) => findingsOf(subject, facts))
      return [title, [...new Set(findings.map(({ code }) => code))]] as const
    }),
  )
  const titles = new Map(facts.workloads().map(({ title, object }) => [workloadKey(nameOf(object)), title]))
  return {
    ofWorkload: (key) => codes.get(titles.get(key) ?? '') ?? [],
    ofPod: ({ namespace, name }) => codes.get(`Pod ${namespace}/${name}`) ?? [],
  }
}
