/** Decides which reviews are recorded. It runs on the request path and allocates nothing. */
import type { InjectionRequest, Outcome } from '../inject/index.ts'
import { isObject, own } from '../json/index.ts'

/** An empty list matches everything. */
export interface CaptureFilter {
  readonly namespaces: readonly string[]
  readonly workloads: readonly string[]
  readonly revisions: readonly string[]
  readonly codes: readonly string[]
  readonly failuresOnly: boolean
  /** From 0 (none) to 100. */
  readonly samplePercent: number
}

export const EVERYTHING: CaptureFilter = {
  namespaces: [],
  workloads: [],
  revisions: [],
  codes: [],
  failuresOnly: false,
  samplePercent: 100,
}

/** @param random from 0 to 1 (exclusive), drawn for this review */
export function isWanted(
  filter: CaptureFilter,
  { request, outcome }: { readonly request: InjectionRequest; readonly outcome: Outcome },
  random: number,
): boolean {
  const { namespaces, workloads, revisions, codes, failuresOnly, samplePercent } = filter
  if (failuresOnly && outcome.kind !== 'refused' && outcome.kind !== 'fault') return false
  if (namespaces.length > 0 && !namespaces.includes(request.namespace)) return false
  if (codes.length > 0 && !codes.includes(outcome.code)) return false
  if (revisions.length > 0 && !revisions.includes(outcome.decided?.revision ?? '')) return false
  if (workloads.length > 0 && !workloads.some((name) => isOfWorkload(request, name))) return false
  return random * 100 < samplePercent
}

/** A pod `web-5d9c-x2x`, its prefix `web-5d9c-` and its owner `web-5d9c` belong to `web`. */
function isOfWorkload(request: InjectionRequest, workload: string): boolean {
  const metadata = own(request.object, 'metadata')
  if (!isObject(metadata)) return false
  const owners = own(metadata, 'ownerReferences')
  const names = [own(metadata, 'name'), own(metadata, 'generateName')]
  if (Array.isArray(owners))
    names.push(...owners.map((owner) => (isObject(owner) ? own(owner, 'name') : undefined)))
  return names.some(
    (name) => typeof name === 'string' && (name === workload || name.startsWith(`${workload}-`)),
  )
}
