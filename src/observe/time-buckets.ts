/** Counts times in the buckets of a Prometheus histogram. */

/** A metric as prom-client's registry reads it. */
export interface BucketSample {
  readonly metricName: string
  readonly labels: { readonly le?: string }
  readonly value: number
}

export class TimeBuckets {
  readonly #bounds: readonly number[]
  readonly #counts: Float64Array
  #sum = 0

  /** @param bounds upper bounds in seconds, ascending; there is one more bucket above the last */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(seconds: number): void {
    let bucket = 0
    while (bucket < this.#bounds.length && seconds > (this.#bounds[bucket] ?? 0)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += seconds
  }

  /** Each bucket includes the ones below it. */
  samples(name: string): readonly BucketSample[] {
    let count = 0
    const buckets = [...this.#bounds.map(String), '+Inf'].map((le, index) => {
      count += this.#counts[index] ?? 0
      return { metricName: `${name}_bucket`, labels: { le }, value: count }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, value: this.#sum },
      { metricName: `${name}_count`, labels: {}, value: count },
    ]
  }
}
