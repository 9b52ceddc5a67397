/**
 * The result of partial evaluation: what is left of a template once everything that does not depend on the request has
 * been evaluated. These are the commands that still must run, in order, and a fork wherever the value of one decides
 * how the execution goes on. Each path from root to end was taken by some execution.
 */
import type { Evaluate, Frame } from '../eval/execution.ts'
import type { Site } from '../eval/site.ts'
import { rejoin } from '../strconv/go-string.ts'
import type { GoValue } from '../values.ts'

/** Where a command runs: the frame with its template's variables, and dot. Both are numbered in order of appearance. */
export interface Place {
  readonly frame: number
  readonly dot: number
}

export type Step =
  /** Its value is written. */
  | { readonly kind: 'write'; readonly evaluate: Evaluate; readonly place: Place; readonly site: Site }
  /** It sets variables, or its value is kept as dot. */
  | {
      readonly kind: 'run'
      readonly evaluate: Evaluate
      readonly place: Place
      readonly site: Site
      readonly keep: number | undefined
    }
  | { readonly kind: 'variable'; readonly frame: number; readonly slot: number; readonly value: GoValue }
  | { readonly kind: 'dot'; readonly dot: number; readonly value: GoValue }
  /** Another template is called. */
  | { readonly kind: 'enter'; readonly frame: number; readonly slots: number; readonly dot: number }
  /** An iteration begins with that element of that list. */
  | {
      readonly kind: 'turn'
      readonly list: number
      readonly index: number
      readonly dot: number
      readonly frame: number
      readonly store: ((frame: Frame, value: GoValue) => void) | undefined
    }

export interface Fork {
  /** `truth`: 1 or 0; `length`: of a list, -1 for anything else. */
  readonly by: 'truth' | 'length'
  readonly evaluate: Evaluate
  readonly place: Place
  readonly site: Site
  /** Where the value is kept: as dot (`with`) or as the list of a loop. */
  readonly keep: number | undefined
}

export class PathNode {
  readonly steps: Step[] = []
  /** The cost of everything that was evaluated beforehand; the budget is charged the same for it. */
  chargedSteps = 0
  chargedText = 0
  fork: Fork | undefined
  readonly next = new Map<number, PathNode>()
  end: PathEnd | undefined
  /** The path cannot be followed from here: the template is executed as a whole each time. */
  closed = false

  /** Discards a part that was never finished because the template failed there. */
  restart(): void {
    this.steps.length = 0
    this.chargedSteps = 0
    this.chargedText = 0
  }

  get finished(): boolean {
    return this.fork !== undefined || this.end !== undefined || this.closed
  }
}

/** The end of one path: the constant texts between the values that still must be computed. */
export class PathEnd {
  /** One more than there are values. */
  readonly texts: readonly string[]
  readonly textLength: number
  /** The greatest depth of nested templates. */
  readonly depth: number

  constructor(texts: readonly string[], depth: number) {
    // V8 keeps a concatenated text as its parts; the copy is one flat text.
    this.texts = JSON.parse(JSON.stringify(texts)) as readonly string[] // texts stay texts
    this.depth = depth
    this.textLength = texts.reduce((sum, text) => sum + text.length, 0)
  }

  /** The whole output. */
  join(values: readonly string[]): string {
    let output = this.texts[0] ?? ''
    for (let i = 0; i < values.length; i++) output += `${values[i]}${this.texts[i + 1]}`
    return rejoin(output)
  }
}
