/** Owns: what functions and methods that templates call are given. */
import type { Budget } from './budget.ts'

export interface FunctionContext {
  /** Every loop and every allocation that an argument can make large is charged before it is made. */
  readonly budget: Budget
  /** Milliseconds since 1970 of the request: the only clock. */
  readonly nowMs: number
  /** The next number of the request's seeded sequence, uniform in [0, 2^32). */
  random(): number
}
