/**
 * Measures the cost of counting and timing one request: `node bench/micro/metrics.ts`. docs/metrics.md has the
 * figures.
 */
import { createMetrics } from '../../src/observe/index.ts'

const ROUNDS = 7
const REQUESTS = 1_000_000

const revisions = ['default', 'canary', '1-29-2'].map((name) => ({ name, config: {}, current: true }))
const metrics = createMetrics({
  version: 'bench',
  resources: () => [],
  problems: () => [],
  revisions: () => revisions,
  certificateNotAfterMs: () => undefined,
  inFlightRequests: () => 0,
})

const admissions = revisions.flatMap(({ name: revision }) => [
  { kind: 'patched', code: 'injected', revision } as const,
  { kind: 'skipped', code: 'pod-opted-out', revision } as const,
])

function measure(name: string, work: (i: number) => void): void {
  const nanos = Array.from({ length: ROUNDS }, () => {
    const began = performance.now()
    for (let i = 0; i < REQUESTS; i++) work(i)
    return ((performance.now() - began) * 1e6) / REQUESTS
  }).toSorted((a, b) => a - b)
  console.log(`${name}: ${nanos[(ROUNDS - 1) / 2]?.toFixed(0)} ns a request (median of ${ROUNDS} rounds)`)
}

measure('counting', (i) => {
  const admission = admissions[i % admissions.length]
  if (admission !== undefined) metrics.countAdmission(admission)
})
measure('timing', (i) => metrics.observeInjection((i % 1000) / 1e6))
const began = performance.now()
const text = await metrics.render()
console.log(`reading: ${(performance.now() - began).toFixed(1)} ms for ${text.length} characters`)
metrics.close()
