/** Owns: the state of one execution: output, budget, clock, seed, depth, and the variables of each running template. */
import type { Budget } from '../budget.ts'
import type { FunctionContext } from '../context.ts'
import type { GoValue } from '../values.ts'
import type { Site } from './site.ts'

export class Execution implements FunctionContext {
  readonly budget: Budget
  readonly nowMs: number
  output = ''
  depth = 0
  /** Where it is, for errors that know no place of their own. */
  site: Site | undefined
  #state: number

  constructor(budget: Budget, nowMs: number, seed: number) {
    this.budget = budget
    this.nowMs = nowMs
    this.#state = seed | 0
  }

  /** splitmix32: small, and the same everywhere. */
  random(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let mixed = this.#state ^ (this.#state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }

  write(text: string): void {
    this.budget.write(text.length)
    this.output += text
  }
}

/** One running template: its execution and its variables by slot; slot 0 is `$`. */
export interface Frame {
  readonly run: Execution
  readonly slots: GoValue[]
}

/** An expression compiled. */
export type Evaluate = (frame: Frame, dot: GoValue) => GoValue
/** A command compiled: `final` is what is piped into it. */
export type EvaluateCommand = (frame: Frame, dot: GoValue, final: GoValue) => GoValue
/** A statement compiled: how it ended. */
export type Execute = (frame: Frame, dot: GoValue) => Ending

export type Ending = 0 | 1 | 2
export const NORMAL = 0
export const BREAK = 1
export const CONTINUE = 2
