/** The few exceptions of a group, so that it can be described as "all but" these. */

const MOST_EXCEPTIONS = 3

/** Empty: the group includes all, or so few that its members are named instead. */
export function findExceptions<T>(holders: readonly T[], all: readonly T[]): readonly T[] {
  const missing = all.length - holders.length
  if (missing < 1 || missing > MOST_EXCEPTIONS || missing >= holders.length) return []
  const held = new Set(holders)
  return all.filter((one) => !held.has(one))
}
