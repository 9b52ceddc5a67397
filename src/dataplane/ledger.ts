/**
 * The ledger: the assessment of every pod, and the sums by workload, namespace and pair of revisions. Pods are added one at a
 * time and not kept; only what a report needs of each is.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { listAt, objectAt, specOf, textAt } from '../kube/index.ts'
import { assessPod, DesiredCache } from './assess.ts'
import type { Assessment } from './assessment.ts'
import { type Desired, desiredRevision, findDesired } from './desired.ts'
import type { LedgerFacts } from './facts.ts'
import { findMadeFrom, nextPodOf } from './made-from.ts'
import { compareStates, type PodState, type StateCode } from './pod-state.ts'
import { WriterEvidence } from './settle.ts'
import {
  controllerOf,
  nameOf,
  type WorkloadName,
  type WorkloadObjects,
  workloadKey,
} from './workload-objects.ts'

export interface PodEntry extends Assessment {
  readonly namespace: string
  readonly name: string
  readonly workload: WorkloadName
}

/** What the next pod of a workload would get. */
export type NextPod =
  | { readonly kind: 'sidecar'; readonly revision: string }
  | { readonly kind: 'none'; readonly code: string }
  | { readonly kind: 'unserved'; readonly code: string; readonly asked: string }
  | {
      readonly kind: 'refused' | 'fault'
      readonly code: string
      readonly message: string
      /** RFC 3339, from a condition of its ReplicaSet or itself; undefined: no failure is recorded. */
      readonly since: string | undefined
    }
  | { readonly kind: 'unknown'; readonly message: string }

export interface WorkloadEntry {
  readonly workload: WorkloadName
  /** Running pods only; finished ones are not counted. */
  readonly pods: readonly PodEntry[]
  /** The worst of its pods; undefined: it has none. */
  readonly state: StateCode | undefined
  readonly desired: string | undefined
  /** From its present template; undefined if the workload's object is not known. */
  readonly next: NextPod | undefined
  /** Of the workload's object: why a restart would be refused, or would not replace pods. */
  readonly restart: RestartFacts
}

export interface RestartFacts {
  readonly paused: boolean
  readonly onDelete: boolean
}

export interface PairSum {
  readonly actual: string | undefined
  readonly desired: string | undefined
  readonly pods: number
}

export class Ledger {
  readonly #facts: LedgerFacts
  readonly #objects: WorkloadObjects
  readonly #source: DesiredCache
  readonly #pods = new Map<string, PodEntry>()

  /** @param objects all workloads; those without pods are reported too */
  constructor(facts: LedgerFacts, objects: WorkloadObjects) {
    this.#facts = facts
    this.#objects = objects
    this.#source = new DesiredCache(facts)
  }

  /** Adds a pod, or assesses a changed one again. */
  set(pod: JsonObject): PodEntry {
    const made = findMadeFrom(pod, this.#objects)
    const { namespace, name } = nameOf(pod)
    const assessment = assessPod(pod, made, { facts: this.#facts, source: this.#source })
    const entry = { ...assessment, namespace, name, workload: made.workload }
    this.#pods.set(`${namespace}/${name}`, entry)
    return entry
  }

  delete(namespace: string, name: string): void {
    this.#pods.delete(`${namespace}/${name}`)
  }

  /** All pods, each with its final state. */
  pods(): readonly PodEntry[] {
    const evidence = new WriterEvidence()
    for (const entry of this.#pods.values()) evidence.add(entry)
    return [...this.#pods.values()].map((entry) => {
      const state = settleState(entry, evidence)
      return state === entry.state ? entry : { ...entry, state }
    })
  }

  /** Workloads with and without pods, by namespace and name. */
  workloads(pods: readonly PodEntry[] = this.pods()): readonly WorkloadEntry[] {
    const byWorkload = new Map<string, { readonly workload: WorkloadName; readonly pods: PodEntry[] }>()
    for (const object of this.#objects.values()) {
      if (!isListed(object, this.#objects)) continue
      byWorkload.set(workloadKey(nameOf(object)), { workload: nameOf(object), pods: [] })
    }
    for (const pod of pods) {
      const key = workloadKey(pod.workload)
      const entry = byWorkload.get(key) ?? { workload: pod.workload, pods: [] }
      if (pod.state.kind !== 'finished') entry.pods.push(pod)
      // A finished pod alone does not make a workload.
      if (entry.pods.length > 0 || byWorkload.has(key)) byWorkload.set(key, entry)
    }
    return [...byWorkload.values()].map((entry) => this.#describe(entry)).toSorted(compareWorkloads)
  }

  #describe({
    workload,
    pods,
  }: {
    readonly workload: WorkloadName
    readonly pods: readonly PodEntry[]
  }): WorkloadEntry {
    const object = this.#objects.get(workload)
    const next = object === undefined ? undefined : this.#nextPod(object)
    const worst = pods.map(({ state }) => state.kind).toSorted(compareStates)[0]
    const desired =
      next?.kind === 'sidecar' ? next.revision : pods.find((pod) => pod.desired !== undefined)?.desired
    return { workload, pods, state: worst, desired, next, restart: restartFacts(object) }
  }

  #nextPod(object: JsonObject): NextPod | undefined {
    if (this.#facts.unreadable !== undefined) return { kind: 'unknown', message: this.#facts.unreadable }
    const pod = nextPodOf(object)
    return pod === undefined ? undefined : this.#nextOf(findDesired(pod, this.#facts), object)
  }

  #nextOf(desired: Desired, object: JsonObject): NextPod {
    switch (desired.kind) {
      case 'sidecar':
        return { kind: 'sidecar', revision: desiredRevision(desired) ?? 'default' }
      case 'none':
        return { kind: 'none', code: desired.code }
      case 'unserved':
        return { kind: 'unserved', code: desired.code, asked: desired.asked }
      default: {
        const { kind, code, message } = desired
        return { kind, code, message, since: this.#refusedSince(object) }
      }
    }
  }

  /** Since when the pods of a workload, or of its ReplicaSet, fail to be created. */
  #refusedSince(object: JsonObject): string | undefined {
    const key = workloadKey(nameOf(object))
    const children = [...this.#objects.values()].filter((child) => {
      const owner = controllerOf(child)
      return owner !== undefined && workloadKey(owner) === key
    })
    return [object, ...children].map(failingSince).find((since) => since !== undefined)
  }
}

function settleState(entry: PodEntry, evidence: WriterEvidence): PodState {
  const { state } = entry
  if (state.kind !== 'rolling') return evidence.settle(entry)
  const beneath = evidence.settle({ ...entry, state: state.beneath })
  return beneath === state.beneath ? state : { ...state, beneath }
}

function failingSince(object: JsonObject): string | undefined {
  const condition = listAt(objectAt(object, 'status'), 'conditions')
    .filter(isObject)
    .find((one) => textAt(one, 'type') === 'ReplicaFailure' && textAt(one, 'status') === 'True')
  return condition && (textAt(condition, 'lastTransitionTime') || undefined)
}

/** Its controller is listed instead, or it will create no more pods. */
function isListed(object: JsonObject, objects: WorkloadObjects): boolean {
  const kind = textAt(object, 'kind')
  const owner = controllerOf(object)
  if (owner !== undefined && objects.get(owner) !== undefined) return false
  if (kind === 'Job')
    return own(objectAt(object, 'status'), 'completionTime') === undefined && !hasFailed(object)
  // An unknown controller has scaled it down for a newer one.
  return owner === undefined || own(specOf(object), 'replicas') !== 0
}

function hasFailed(job: JsonObject): boolean {
  return listAt(objectAt(job, 'status'), 'conditions')
    .filter(isObject)
    .some((one) => textAt(one, 'type') === 'Failed' && textAt(one, 'status') === 'True')
}

function restartFacts(object: JsonObject | undefined): RestartFacts {
  const spec = object === undefined ? {} : specOf(object)
  return {
    paused: own(spec, 'paused') === true,
    onDelete: textAt(objectAt(spec, 'updateStrategy'), 'type') === 'OnDelete',
  }
}

function compareWorkloads(a: WorkloadEntry, b: WorkloadEntry): number {
  const [left, right] = [a.workload, b.workload].map(
    ({ namespace, kind, name }) => `${namespace}\u0000${kind}\u0000${name}`,
  )
  return (left ?? '') < (right ?? '') ? -1 : 1
}

/** How many pods have which revision and would get which, the most first; finished pods do not count. */
export function sumPairs(pods: readonly PodEntry[]): readonly PairSum[] {
  const sums = new Map<string, PairSum>()
  for (const { actual, desired, state } of pods) {
    if (state.kind === 'finished') continue
    const key = JSON.stringify([actual ?? null, desired ?? null])
    sums.set(key, { actual, desired, pods: (sums.get(key)?.pods ?? 0) + 1 })
  }
  return [...sums.values()].toSorted((a, b) => b.pods - a.pods)
}

/** How many pods are in each state, from the worst to the best. */
export function countStates(pods: readonly PodEntry[]): ReadonlyMap<StateCode, number> {
  const counts = new Map<StateCode, number>()
  for (const { state } of pods) counts.set(state.kind, (counts.get(state.kind) ?? 0) + 1)
  return new Map([...counts].toSorted(([a], [b]) => compareStates(a, b)))
}
