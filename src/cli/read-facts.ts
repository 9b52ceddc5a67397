/** Reads what rules need: each kind once, page by page. A kind that cannot be read is left out with its reason. */
import { ClusterFacts, kindsAmong, rules, type SubjectType } from '../analysis/index.ts'
import { publicCertificates } from '../certs/index.ts'
import type { ObjectReader } from '../cluster/index.ts'
import { RemoraError } from '../errors.ts'
import type { InjectOptions, Problem, Snapshot } from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'
import { kindRow, type ObjectKind, WORKLOAD_KINDS } from '../kube/index.ts'

export interface FactsSource {
  readonly snapshot: Snapshot
  readonly objects: ObjectReader
  readonly injectOptions: InjectOptions
  readonly problems: readonly Problem[]
  readonly target?: string | undefined
  /** Pods and workloads of this namespace only; undefined: of all. */
  readonly namespace?: string | undefined
  /** Whose rules will run; undefined: all. What only other rules need is not read. */
  readonly subjects?: readonly SubjectType[]
}

/** Kinds that every command reads, whatever the rules need. */
const ALWAYS: readonly ObjectKind[] = [
  ...WORKLOAD_KINDS,
  'service',
  'gateway',
  'mutatingwebhookconfiguration',
]
/** Kinds of which only those of the namespace that is asked about matter. */
const OF_THE_NAMESPACE: ReadonlySet<ObjectKind> = new Set([
  ...WORKLOAD_KINDS,
  'gateway',
  'limitrange',
  'resourcequota',
])

export async function readFacts(source: FactsSource): Promise<ClusterFacts> {
  const { snapshot, objects, injectOptions, problems, target, namespace, subjects } = source
  const found = new Map<ObjectKind, readonly JsonObject[]>()
  const notRead = new Map<ObjectKind, string>()
  const ofRules = rules
    .filter(({ subject }) => subjects?.includes(subject) ?? true)
    .flatMap(({ needs, uses = [] }) => [...kindsAmong(needs), ...uses])
  for (const kind of new Set([...ALWAYS, ...ofRules])) {
    try {
      const listed = await objects.list(kind, OF_THE_NAMESPACE.has(kind) ? namespace : undefined)
      if (listed.length > 0 || objects.complete) found.set(kind, listed)
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
      notRead.set(kind, `${kindRow(kind).plural} could not be read: ${error.message}`)
    }
  }
  return new ClusterFacts({
    snapshot,
    options: injectOptions,
    problems,
    objects: found,
    others: await objects.others(namespace),
    notRead,
    texts: await objects.texts(),
    certificates: publicCertificates,
    target,
    nowMs: Date.now(),
    seed: 0,
  })
}
