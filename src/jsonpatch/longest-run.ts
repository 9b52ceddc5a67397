/**
 * The places of a longest strictly increasing subsequence of `values` (entries below zero take no part), in
 * O(n log n): patience sorting with back links.
 */
export function longestIncreasingRun(values: readonly number[]): number[] {
  /** tails[k]: the place where the smallest end of a run of length k + 1 stands. */
  const tails: number[] = []
  const previous: number[] = new Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number // i is within the list, as all places below
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
