/**
 * The indexes of a longest strictly increasing subsequence of `values` (entries below zero are ignored), in O(n log n):
 * patience sorting with back links.
 */
export function longestIncreasingRun(values: readonly number[]): number[] {
  /** tails[k]: the index of the smallest value that ends a run of length k + 1. */
  const tails: number[] = []
  const previous: number[] = new Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number // i is within the list, as are all indexes below
    if (value < 0) continue
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((values[tails[middle] as number] as number) < value) low = middle + 1
      else high = middle
    }
    previous[i] = low === 0 ? -1 : (tails[low - 1] as number)
    tails[low] = i
  }
  const run: number[] = new Array(tails.length)
  let place = tails.length === 0 ? -1 : (tails[tails.length - 1] as number)
  for (let k = tails.length - 1; k >= 0; k--) {
    run[k] = place
    place = previous[place] as number
  }
  return run
}
