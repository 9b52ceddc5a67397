/** What functions and methods called by templates get besides their arguments. */
import type { Budget } from './budget.ts'
import type { FilledMaps } from './eval/filled-maps.ts'

export interface FunctionContext {
  /** Charge it before every loop and every allocation whose size depends on an argument. */
  readonly budget: Budget
  /** Milliseconds since 1970 of the request: the only clock. */
  readonly nowMs: number
  /** Answers whether a map is empty. */
  readonly filledMaps: FilledMaps
  /** The next number of the request's seeded sequence, uniform in [0, 2^32). */
  random(): number
}
