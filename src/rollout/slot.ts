/**
 * The slot of a workload: a number from 0 to 9,999 that depends on nothing but the rollout's seed and the workload's
 * identity. docs/rollouts.md documents the algorithm and its bytes; a change would move workloads between releases.
 */
import { sha256Words } from '../gotemplate/index.ts'
import type { WorkloadIdentity } from './workload-identity.ts'

/** 100 slots are one percent. */
export const SLOTS = 10_000

const utf8 = new TextEncoder()

/**
 * SHA-256 of `<seed>/<namespace>/<group>/<kind>/<name>` in UTF-8; the first six bytes, read as a big-endian number,
 * modulo 10,000.
 */
export function slotOf(seed: string, { namespace, group, kind, name }: WorkloadIdentity): number {
  const words = sha256Words(utf8.encode(`${seed}/${namespace}/${group}/${kind}/${name}`))
  const [first = 0, second = 0] = words
  return ((first >>> 0) * 2 ** 16 + (second >>> 16)) % SLOTS
}

/** Whether a share of that many slots includes the slot. A larger share includes every smaller one. */
export function isInShare(slot: number, slots: number): boolean {
  return slot < slots
}
