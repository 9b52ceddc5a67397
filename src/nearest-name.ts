/** Finds the known name that a misspelt one most likely meant. */

/** Longer texts are not misspelt names, and the cost of a comparison is the product of the two lengths. */
const LONGEST = 60

/**
 * The known name closest to what was typed: at most two letters changed, added, lost or swapped (one for a short name).
 * Never the typed name itself.
 */
export function nearestName(typed: string, names: Iterable<string>): string | undefined {
  if (typed.length > LONGEST) return undefined
  let best: string | undefined
  let limit = typed.length <= 4 ? 2 : 3
  for (const name of names) {
    if (name === typed || Math.abs(name.length - typed.length) >= limit) continue
    const distance = editDistance(typed, name, limit)
    if (distance < limit) [best, limit] = [name, distance]
  }
  return best
}

/** The end of a message about an unknown name: `; did you mean NAME?`, or nothing. */
export function didYouMean(typed: string, names: Iterable<string>): string {
  const near = nearestName(typed, names)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/**
 * Number of letters changed, added, lost or swapped with a neighbour between the two texts; any number above `most` if
 * there are more.
 */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      // All indexes are within the rows; the fallbacks are for the compiler.
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (same ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      row.push(cost)
      least = Math.min(least, cost)
    }
    if (least > most) return least
    before = previous
    previous = row
  }
  return previous[b.length] ?? a.length
}
