/** The problems of watching a cluster: kinds that cannot be read, and objects that do not fit into their store. */
import type { Problem, Snapshot } from '../../inject/index.ts'
import { compareProblems } from '../cluster.ts'
import { missingRevisions } from '../missing.ts'
import type { Followed } from './followed.ts'
import { RESOURCE_NAMES, type ResourceName } from './resources.ts'
import { withheldOf } from './revisions-without-nodes.ts'
import { STORE_LIMITS } from './store-limits.ts'

interface ProblemFacts {
  readonly following: Iterable<Reading>
  readonly followed: Readonly<Record<ResourceName, readonly Followed[]>>
  readonly others: readonly (Problem | undefined)[]
  readonly synced: boolean
  readonly snapshot: Snapshot
  readonly nodesUnreadable: boolean
}

/** All problems of a live cluster, as they were last. */
export class LiveProblems {
  readonly #unreadable = new UnreadableResources()
  #current: readonly Problem[] = []

  get current(): readonly Problem[] {
    return this.#current
  }

  /** Returns what appeared and what was resolved since the last call. */
  update(facts: ProblemFacts): ReturnType<typeof compareProblems> {
    const before = this.#current
    const reading = this.#unreadable.problemsOf(facts.following, facts.synced)
    this.#current = clusterProblems(reading, facts)
    return compareProblems(before, this.#current)
  }
}

/** @param reading of kinds that cannot be read */
function clusterProblems(reading: readonly Problem[], facts: ProblemFacts): readonly Problem[] {
  const { followed, others, synced, snapshot, nodesUnreadable } = facts
  return [
    ...reading,
    ...objectsLeftOut(followed),
    ...others.filter((problem) => problem !== undefined),
    ...(synced ? missingRevisions(snapshot) : []),
    ...snapshot.problems,
    ...(nodesUnreadable ? withheldOf(snapshot) : []),
  ]
}

/** Objects that do not fit into their store. */
function objectsLeftOut(followed: Readonly<Record<ResourceName, readonly Followed[]>>): readonly Problem[] {
  return RESOURCE_NAMES.flatMap((name) => {
    const left = followed[name].map(({ store }) => store.leftOut)
    const count = left.reduce((sum, one) => sum + one.count, 0)
    if (count === 0) return []
    const examples = left.flatMap((one) => one.examples)
    const { objectBytes, namespaceBytes, totalBytes } = STORE_LIMITS[name]
    const ofNamespace = namespaceBytes === undefined ? '' : `, ${namespaceBytes} per namespace`
    const more = count > examples.length ? ` and ${count - examples.length} more` : ''
    const message =
      `${name}: ${count} left out, or kept in an earlier state: ${examples.join(', ')}${more}; the limits are ` +
      `${objectBytes} bytes of memory per object${ofNamespace} and ${totalBytes} in total`
    return [{ code: 'objects-left-out', message }]
  })
}

interface Reading {
  readonly name: ResourceName
  readonly reflector: { readonly problem: Problem | undefined }
}

/** An unreachable API server is one problem for all kinds, and stays the same one until it is back. */
class UnreadableResources {
  #outage: Problem | undefined

  problemsOf(following: Iterable<Reading>, synced: boolean): readonly Problem[] {
    const sequel = synced ? 'the last good state stays in use' : 'the cluster is not known yet'
    const problems: Problem[] = []
    let outage: Problem | undefined
    for (const { name, reflector } of following) {
      const { problem } = reflector
      if (problem === undefined) continue
      const { code, message } = problem
      if (code === 'cluster-api-unreachable') {
        outage ??= this.#outage ?? { code, message: `the API server: ${message}; ${sequel}` }
      } else problems.push({ code, message: `${name}: ${message}; ${sequel}` })
    }
    this.#outage = outage
    return outage === undefined ? problems : [outage, ...problems]
  }
}
