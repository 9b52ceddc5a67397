/**
 * Groups changes by the workloads that share them: every change occurs once, with all workloads that have it, and
 * changes of the same workloads form one group. The changes of one workload are those of all groups that include it.
 */
import { encodeGoJson, type JsonValue } from '../../json/index.ts'
import type { FieldChange } from './field-changes.ts'

export interface Holder<T> {
  readonly of: T
  /** No two have the same path. */
  readonly changes: readonly FieldChange[]
}

export interface ChangeGroup<T> {
  readonly changes: readonly FieldChange[]
  /** In the order of the input. */
  readonly holders: readonly T[]
}

/** The group with the most workloads comes first; of equal ones the first in the input. */
export function groupChanges<T>(all: readonly Holder<T>[]): readonly ChangeGroup<T>[] {
  const holders = new Map<string, { readonly change: FieldChange; readonly indexes: number[] }>()
  for (const [index, { changes }] of all.entries()) {
    for (const change of changes) {
      const key = keyOf(change)
      const found = holders.get(key) ?? { change, indexes: [] }
      found.indexes.push(index)
      holders.set(key, found)
    }
  }
  const groups = new Map<string, { readonly changes: FieldChange[]; readonly indexes: readonly number[] }>()
  for (const { change, indexes } of holders.values()) {
    const key = indexes.join(' ')
    const group = groups.get(key) ?? { changes: [], indexes }
    group.changes.push(change)
    groups.set(key, group)
  }
  return [...groups.values()]
    .toSorted((a, b) => b.indexes.length - a.indexes.length)
    .map(({ changes, indexes }) => ({
      changes,
      holders: indexes.map((index) => (all[index] as Holder<T>).of), // they are indexes of it,
    }))
}

/** Changes with the same key are the same change. */
function keyOf({ area, path, before, after }: FieldChange): string {
  // In a list of one a value differs from an absent one.
  const boxed = (value: JsonValue | undefined) => (value === undefined ? [] : [value])
  return encodeGoJson([area, path, boxed(before), boxed(after)])
}
