/** The state of one execution: output, budget, clock, seed, depth, and the variables of each running template. */
import type { Budget } from '../budget.ts'
import type { FunctionContext } from '../context.ts'
import type { GoValue } from '../values.ts'
import { FilledMaps } from './filled-maps.ts'
import type { Site } from './site.ts'

/** The clock and seed of a template. They are read only when a function needs them, so that a caller can detect it. */
export interface Ambient {
  readonly nowMs?: number
  readonly seed?: number
}

const NO_AMBIENT: Ambient = {}

export class Execution implements FunctionContext {
  readonly budget: Budget
  output = ''
  depth = 0
  /** The current position, for errors that have none. */
  site: Site | undefined
  readonly #ambient: Ambient
  #filledMaps: FilledMaps | undefined
  /** Undefined until the first random number. */
  #state: number | undefined

  constructor(budget: Budget, ambient: Ambient = NO_AMBIENT) {
    this.budget = budget
    this.#ambient = ambient
  }

  get nowMs(): number {
    return this.#ambient.nowMs ?? 0
  }

  get filledMaps(): FilledMaps {
    this.#filledMaps ??= new FilledMaps()
    return this.#filledMaps
  }

  /** splitmix32: small, and the same on every machine. */
  random(): number {
    const state = ((this.#state ?? (this.#ambient.seed ?? 0) | 0) + 0x9e3779b9) | 0
    this.#state = state
    let mixed = state ^ (state >>> 16)
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

/** A compiled expression. */
export type Evaluate = (frame: Frame, dot: GoValue) => GoValue
/** A compiled command: `final` is the value piped into it. */
export type EvaluateCommand = (frame: Frame, dot: GoValue, final: GoValue) => GoValue
/** A compiled statement; returns how it ended. */
export type Execute = (frame: Frame, dot: GoValue) => Ending

export type Ending = 0 | 1 | 2
export const NORMAL = 0
export const BREAK = 1
export const CONTINUE = 2
