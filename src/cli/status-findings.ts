/** What `remora check` reports of each workload and pod of `remora status --cluster`. */
import { type Finding, findingsOf, findNotJudged, type NotJudged, subjectsOf } from '../analysis/index.ts'
import { nameOf, type PodEntry, workloadKey } from '../dataplane/index.ts'
import { type FactsSource, readFacts } from './read-facts.ts'

export interface StatusFindings {
  /** By the key of the ledger. */
  ofWorkload(key: string): ObjectFindings
  ofPod(pod: Pick<PodEntry, 'namespace' | 'name'>): ObjectFindings
  readonly notJudged: readonly NotJudged[]
}

export interface ObjectFindings {
  /** The worst first. */
  readonly codes: readonly string[]
  /** One of them is more than a note. */
  readonly isProblem: boolean
}

const NONE: ObjectFindings = { codes: [], isProblem: false }

export async function readStatusFindings(
  source: Omit<FactsSource, 'problems' | 'subjects' | 'target'>,
): Promise<StatusFindings> {
  const facts = await readFacts({ ...source, problems: [], subjects: ['namespace', 'workload', 'pod'] })
  const pods = Map.groupBy(subjectsOf('pod', facts), ({ workload }) => workload)
  const found = new Map<string, Finding[]>()
  // The pods of a workload follow it, because the facts about the last workloads are kept. A bare pod is both.
  for (const workload of [...facts.workloads(), undefined]) {
    const own = [...(workload === undefined ? [] : [workload]), ...(pods.get(workload) ?? [])]
    for (const subject of own)
      found.set(subject.title, [...(found.get(subject.title) ?? []), ...findingsOf(subject, facts)])
  }
  const byTitle = new Map([...found].map(([title, findings]) => [title, summary(findings)] as const))
  const titles = new Map(facts.workloads().map(({ title, object }) => [workloadKey(nameOf(object)), title]))
  return {
    ofWorkload: (key) => byTitle.get(titles.get(key) ?? '') ?? NONE,
    ofPod: ({ namespace, name }) => byTitle.get(`Pod ${namespace}/${name}`) ?? NONE,
    notJudged: findNotJudged(facts, 'workload'),
  }
}

function summary(findings: readonly Finding[]): ObjectFindings {
  return {
    codes: [...new Set(findings.map(({ code }) => code))],
    isProblem: findings.some(({ severity }) => severity !== 'note'),
  }
}
