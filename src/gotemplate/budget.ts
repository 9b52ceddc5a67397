/**
 * The limits on the cost of one execution of a template. They count work and never measure time, so that the same input
 * gives the same result on every machine. The evaluator and each function that loops or allocates charge their work
 * here.
 */
import { RemoraError } from '../errors.ts'

/** Evaluated commands, iterations and list items made by functions: tens of milliseconds of work at most. */
export const DEFAULT_MAX_STEPS = 450_000
/** Text written by the template, in UTF-16 units; etcd itself refuses objects above 1.5 MiB. */
export const DEFAULT_MAX_OUTPUT = 2 * 1024 * 1024
/** Text created by functions in between, in UTF-16 units. */
export const DEFAULT_MAX_ALLOCATED = 16 * 1024 * 1024
/** Nested templates, each with the nesting of its own blocks: far below the limit of JavaScript's stack. */
export const DEFAULT_MAX_DEPTH = 1000

export interface BudgetLimits {
  readonly maxSteps?: number
  readonly maxOutput?: number
  readonly maxAllocated?: number
  readonly maxDepth?: number
}

export type BudgetDimension = 'steps' | 'output' | 'allocated' | 'depth'

export interface BudgetUsage {
  readonly steps: number
  readonly output: number
  readonly allocated: number
}

/** The execution exceeded its budget. */
export class BudgetError extends RemoraError {
  readonly dimension: BudgetDimension

  constructor(dimension: BudgetDimension, limit: number) {
    super('template-budget-exceeded', `${WHAT[dimension]}; the limit is ${limit}`)
    this.dimension = dimension
  }
}

const WHAT: Record<BudgetDimension, string> = {
  steps: 'the template takes too many steps',
  output: 'the template writes too much text',
  allocated: 'functions of the template build too much text',
  depth: 'templates are nested too deeply',
}

export class Budget {
  readonly maxDepth: number
  readonly #maxSteps: number
  readonly #maxOutput: number
  readonly #maxAllocated: number
  #steps = 0
  #output = 0
  #allocated = 0

  constructor(limits: BudgetLimits = {}) {
    this.#maxSteps = limits.maxSteps ?? DEFAULT_MAX_STEPS
    this.#maxOutput = limits.maxOutput ?? DEFAULT_MAX_OUTPUT
    this.#maxAllocated = limits.maxAllocated ?? DEFAULT_MAX_ALLOCATED
    this.maxDepth = limits.maxDepth ?? DEFAULT_MAX_DEPTH
  }

  /** One step. */
  step(): void {
    if (++this.#steps > this.#maxSteps) throw new BudgetError('steps', this.#maxSteps)
  }

  /** Work of `count` steps, charged before it is done. */
  charge(count: number): void {
    this.#steps += count
    if (!(this.#steps <= this.#maxSteps)) throw new BudgetError('steps', this.#maxSteps)
  }

  /** Text passed to a function: reading it takes time, whatever the function does with it. */
  read(length: number): void {
    if (length > 64) this.charge(length >> 2)
  }

  /** Text of that length, charged before it is built. */
  allocate(length: number): void {
    this.#allocated += length
    if (!(this.#allocated <= this.#maxAllocated)) throw new BudgetError('allocated', this.#maxAllocated)
  }

  /** Text of that length, charged before it is written. */
  write(length: number): void {
    this.#output += length
    if (this.#output > this.#maxOutput) throw new BudgetError('output', this.#maxOutput)
  }

  get steps(): number {
    return this.#steps
  }

  get allocated(): number {
    return this.#allocated
  }

  /** What has been used so far; pass it to `reset` if the attempt does not count. */
  usage(): BudgetUsage {
    return { steps: this.#steps, output: this.#output, allocated: this.#allocated }
  }

  reset({ steps, output, allocated }: BudgetUsage): void {
    this.#steps = steps
    this.#output = output
    this.#allocated = allocated
  }
}
