/**
 * A stable sort with the result of Go's sort.SliceStable even if the comparison is not a total order, like the one with
 * which Kubernetes sorts list items. Blocks of 20 are sorted by insertion, then merged in place by SymMerge (Kim and
 * Kutzner, 2004). For a total order Array.prototype.sort gives the same result and is faster.
 */
const BLOCK = 20

export type Less<T> = (a: T, b: T) => boolean

export function stableSort<T>(list: T[], less: Less<T>): void {
  const size = list.length
  for (let start = 0; start < size; start += BLOCK)
    insertionSort(list, start, Math.min(start + BLOCK, size), less)
  for (let width = BLOCK; width < size; width *= 2) {
    for (let start = 0; start + width < size; start += 2 * width) {
      symMerge(list, start, start + width, Math.min(start + 2 * width, size), less)
    }
  }
}

function insertionSort<T>(list: T[], start: number, end: number, less: Less<T>): void {
  for (let i = start + 1; i < end; i++) {
    for (let j = i; j > start && isLess(list, less, j, j - 1); j--) swap(list, j, j - 1)
  }
}

/** Merges the sorted neighbours [start, middle) and [middle, end). */
function symMerge<T>(list: T[], start: number, middle: number, end: number, less: Less<T>): void {
  if (middle - start === 1) {
    const place = search(middle, end, (i) => !isLess(list, less, i, start))
    for (let i = start; i < place - 1; i++) swap(list, i, i + 1)
    return
  }
  if (end - middle === 1) {
    const place = search(start, middle, (i) => isLess(list, less, middle, i))
    for (let i = middle; i > place; i--) swap(list, i, i - 1)
    return
  }
  const half = (start + end) >>> 1
  const sum = half + middle
  const from = middle > half ? sum - end : start
  const to = middle > half ? half : middle
  const cut = search(from, to, (i) => isLess(list, less, sum - 1 - i, i))
  const mirror = sum - cut
  if (cut < middle && middle < mirror) {
    const moved = list.slice(middle, mirror).concat(list.slice(cut, middle))
    for (let i = 0; i < moved.length; i++) list[cut + i] = moved[i] as T // i is within the list
  }
  if (start < cut && cut < half) symMerge(list, start, cut, half, less)
  if (half < mirror && mirror < end) symMerge(list, half, mirror, end, less)
}

/** The first index in [from, to) that satisfies `holds`, by bisection; `to` if there is none. */
function search(from: number, to: number, holds: (i: number) => boolean): number {
  let low = from
  let high = to
  while (low < high) {
    const i = (low + high) >>> 1
    if (holds(i)) high = i
    else low = i + 1
  }
  return low
}

function isLess<T>(list: readonly T[], less: Less<T>, i: number, j: number): boolean {
  return less(list[i] as T, list[j] as T) // both are within the list
}

function swap<T>(list: T[], i: number, j: number): void {
  const held = list[i] as T // both are within the list
  list[i] = list[j] as T
  list[j] = held
}
