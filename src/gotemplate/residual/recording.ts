/**
 * Follows one execution through the tree of paths and records the parts that are new. The execution itself is an
 * ordinary one, with the template's own output and errors.
 */
import type { Evaluate, Execution, Frame } from '../eval/execution.ts'
import type { Site } from '../eval/site.ts'
import type { GoValue } from '../values.ts'
import { type Fork, PathEnd, PathNode, type Place, type Step } from './path-tree.ts'
import type { Read } from './pipe-reads.ts'

/** Measured: the size of a step, a node and a text, without the text's characters. */
const STEP_BYTES = 200
const NODE_BYTES = 400
const TEXT_BYTES = 24

/** Dot at one point of the execution. */
export interface RecordedDot {
  readonly value: GoValue
  readonly register: number
  readonly is: 'root' | 'constant' | 'varying'
}

/** One running template. */
export interface RecordedFrame {
  readonly frame: Frame
  readonly index: number
  /** Whether `$` is the root of the data. */
  readonly rooted: boolean
  /** Slots of variables whose values depend on the request. */
  readonly varying: Set<number>
}

/**
 * Whether a path may grow to this size.
 * @param textLength characters of the output's constant text; 0 before the end of the path
 */
export type PathFits = (bytes: number, textLength: number) => boolean

export class Recording {
  readonly run: Execution
  /** Characters of the output's constant text, set if the recorded path has ended. */
  textLength = 0
  readonly #constantFields: ReadonlySet<string>
  readonly #fits: PathFits
  #node: PathNode | undefined
  #texts = ['']
  #registers = 1
  #depth = 0
  #frames = 0
  #bytes = 0

  constructor(
    run: Execution,
    root: PathNode,
    { constantFields, fits }: { readonly constantFields: ReadonlySet<string>; readonly fits: PathFits },
  ) {
    this.run = run
    this.#constantFields = constantFields
    this.#fits = fits
    this.#enter(root)
  }

  /** Approximate memory of what this execution added to the tree. */
  get bytes(): number {
    return this.#bytes
  }

  newRegister(): number {
    return this.#registers++
  }

  /** Records a depth of nested templates. */
  reached(depth: number): void {
    this.#depth = Math.max(this.#depth, depth)
  }

  newFrame(): number {
    return this.#frames++
  }

  /** Whether any of a command's reads depends on the request. */
  varies(reads: readonly Read[], frame: RecordedFrame, dot: RecordedDot): boolean {
    return reads.some((read) => {
      if (read.slot === undefined ? dot.is === 'root' : read.slot === 0 && frame.rooted)
        return this.#rootVaries(read)
      return read.slot === undefined ? dot.is === 'varying' : frame.varying.has(read.slot)
    })
  }

  #rootVaries({ field, key }: Read): boolean {
    return field === undefined || !(this.#constantFields.has(field) || key !== undefined)
  }

  /** Runs what does not depend on the request, and counts its cost. */
  constant<T>(work: () => T): T {
    const { budget } = this.run
    const [steps, text] = [budget.steps, budget.allocated]
    const result = work()
    const node = this.#node
    if (node !== undefined && !node.finished) {
      node.chargedSteps += budget.steps - steps
      node.chargedText += budget.allocated - text
    }
    return result
  }

  text(text: string): void {
    this.run.write(text)
    this.#texts[this.#texts.length - 1] += text
  }

  write(text: string, step: Omit<Extract<Step, { kind: 'write' }>, 'kind'>): void {
    this.run.write(text)
    this.#texts.push('')
    this.step({ kind: 'write', ...step })
  }

  step(step: Step): void {
    if (this.#node === undefined || this.#node.finished) return
    if (!this.#fits(this.#bytes, 0)) {
      this.close()
      return
    }
    this.#node.steps.push(step)
    this.#bytes += STEP_BYTES
  }

  /** The path forks here, and this execution took `branch`. */
  fork(fork: Fork, branch: number): void {
    const node = this.#node
    if (node === undefined || node.closed) return
    if (!node.finished) node.fork = fork
    let next = node.next.get(branch)
    if (next === undefined) {
      next = new PathNode()
      node.next.set(branch, next)
      this.#bytes += NODE_BYTES
    }
    this.#enter(next)
  }

  /** The rest of the path cannot be followed. */
  close(): void {
    if (this.#node !== undefined && !this.#node.finished) {
      this.#node.restart()
      this.#node.closed = true
    }
    this.#node = undefined
  }

  end(): void {
    const node = this.#node
    if (node === undefined || node.finished) return
    const end = new PathEnd(this.#texts, this.#depth)
    // A text takes two bytes per character if one of them is outside Latin-1.
    this.#bytes += NODE_BYTES + this.#texts.length * TEXT_BYTES + 2 * end.textLength
    if (!this.#fits(this.#bytes, end.textLength)) {
      this.close()
      return
    }
    node.end = end
    this.textLength = end.textLength
  }

  #enter(node: PathNode): void {
    if (!node.finished) node.restart()
    this.#node = node
  }
}

export interface Command {
  readonly evaluate: Evaluate
  readonly reads: readonly Read[]
  readonly site: Site
}

export function placeOf(frame: RecordedFrame, dot: RecordedDot): Place {
  return { frame: frame.index, dot: dot.register }
}
