/** Owns: which known name a typing mistake meant. Not here: what is said about it. */

/** Longer texts are no mistyped name, and comparing them costs their product. */
const LONGEST = 60

/**
 * The name nearest to what was typed: at most two letters changed, added, lost or swapped
 * (one in a short name); not itself.
 */
export function nearestName(typed: string, names: Iterable<string>): string | undefined {
  if (typed.length > LONGEST) return undefined
  let best: string | undefined
  let limit = typed.length <= 4 ? 2 : 3
  for (const name of names) {
    if (name === typed || Math.abs(name.length - typed.length) >= limit) continue
    const distance = editDistance(typed, name)
    if (distance < limit) [best, limit] = [name, distance]
  }
  return best
}

/** Letters changed, added, lost or swapped with their neighbour on the way from one text to the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : substitution
      next[j] = Math.min(substitution, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
