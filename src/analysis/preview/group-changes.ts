/**
 * Who shares which change: every change stands once, with all that have it, and changes that the same ones have are
 * one group. So what is the same for all is one group, what is peculiar to some are others, and nothing is lost:
 * the changes of one are those of all groups that name it.
 */
import { encodeGoJson, type JsonValue } from '../../json/index.ts'
import type { FieldChange } from './field-changes.ts'

export interface Holder<T> {
  readonly of: T
  /** No two of the same path. */
  readonly changes: readonly FieldChange[]
}

export interface ChangeGroup<T> {
  readonly changes: readonly FieldChange[]
  /** In the order in which they were given. */
  readonly holders: readonly T[]
}

/** The group that most have comes first; of equal ones the one that was met first. */
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

/** Changes of the same key are one change. */
function keyOf({ area, path, before, after }: FieldChange): string {
  // In a list of its own a value is told from an absent one.
  const boxed = (value: JsonValue | undefined) => (value === undefined ? [] : [value])
  return encodeGoJson([area, path, boxed(before), boxed(after)])
}
