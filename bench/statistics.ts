/** The statistics that summarise rounds. */

/** The median; for an even count the lower middle; NaN if empty. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

/** The smallest value that `percent` of all values do not exceed; NaN if empty. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

/** The spread of the rounds: the difference of largest and smallest as a share of the median. */
export function spread(numbers: readonly number[]): number {
  return (Math.max(...numbers) - Math.min(...numbers)) / median(numbers)
}

/** Slope and R squared of the line fitted by least squares. */
export function fitLine(points: readonly { readonly x: number; readonly y: number }[]): {
  readonly slope: number
  readonly intercept: number
  readonly closeness: number
} {
  const mean = (pick: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)]
  const along = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0)
  const slope = along / points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  const intercept = meanY - slope * meanX
  const off = points.reduce((sum, { x, y }) => sum + (y - intercept - slope * x) ** 2, 0)
  const all = points.reduce((sum, { y }) => sum + (y - meanY) ** 2, 0)
  return { slope, intercept, closeness: all === 0 ? 1 : 1 - off / all }
}
