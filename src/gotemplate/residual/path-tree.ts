/**
 * What is left of a template once everything that does not depend on the request has been worked out: the
 * commands that still must run, in order, and a fork wherever what they give decides how it goes on. Each path
 * through it, root to end, is one that some execution has taken.
 */
import type { Evaluate, Frame } from '../eval/execution.ts'
import type { Site } from '../eval/site.ts'
import { rejoin } from '../strconv/go-string.ts'
import type { GoValue } from '../values.ts'

/** Where a command runs: which template's variables, which dot. Both are numbered in the order in which they came up. */
export interface Place {
  readonly frame: number
  readonly dot: number
}

export type Step =
  /** Its value is written. */
  | { readonly kind: 'write'; readonly evaluate: Evaluate; readonly place: Place; readonly site: Site }
  /** It sets variables, or its value is kept as a dot. */
  | {
      readonly kind: 'run'
      readonly evaluate: Evaluate
      readonly place: Place
      readonly site: Site
      readonly keep: number | undefined
    }
  | { readonly kind: 'variable'; readonly frame: number; readonly slot: number; readonly value: GoValue }
  | { readonly kind: 'dot'; readonly dot: number; readonly value: GoValue }
  /** Another template is entered. */
  | { readonly kind: 'enter'; readonly frame: number; readonly slots: number; readonly dot: number }
  /** A turn of a loop begins with that element of that list. */
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
  /** Where the value is kept: as a dot (`with`) or as a list to go through. */
  readonly keep: number | undefined
}

export class PathNode {
  readonly steps: Step[] = []
  /** What all that was worked out beforehand cost when it ran; the budget is charged the same for it. */
  chargedSteps = 0
  chargedText = 0
  fork: Fork | undefined
  readonly next = new Map<number, PathNode>()
  end: PathEnd | undefined
  /** It cannot be followed from here: executed as a whole each time. */
  closed = false

  /** Forgets a part that was never finished, because the template failed there. */
  restart(): void {
    this.steps.length = 0
    this.chargedSteps = 0
    this.chargedText = 0
  }

  get finished(): boolean {
    return this.fork !== undefined || this.end !== undefined || this.closed
  }
}

/** The end of one path: what is written between the values that still must be found. */
export class PathEnd {
  /** One more than there are values. */
  readonly texts: readonly string[]
  readonly textLength: number
  /** How deep templates were nested. */
  readonly depth: number

  constructor(texts: readonly string[], depth: number) {
    // Texts that were put together from parts keep these parts; written anew each is one flat text.
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
