/**
 * The anchors of one document and the cost of their aliases. An alias is a copy of the anchored value, so that the
 * result is a plain tree. Copies are counted before they are made, which stops alias bombs.
 */
import type { WideJson } from '../encode-go-json.ts'
import { JsonError } from '../error.ts'
import type { Scalar } from './resolve.ts'

export interface Anchored {
  /** Undefined while the value is being read: an alias to it would contain itself. */
  value: WideJson | undefined
  /** The exact meaning of a scalar, for aliases used as keys. */
  scalar: Scalar | undefined
  /** Steps needed to decode the value with its own aliases resolved. */
  steps: number
}

/** Go's limit (go-yaml v2 decode.go, allowedAliasRatio): the share of all decoding steps that aliases may cause. */
const GO_RATIO_FROM = 400_000
const GO_RATIO_TO = 4_000_000

export class AliasBudget {
  /** Decoding steps so far, one for the document itself. */
  steps = 1
  #aliasSteps = 0
  readonly #maxAliasNodes: number

  constructor(maxAliasNodes: number) {
    this.#maxAliasNodes = maxAliasNodes
  }

  /** Accounts for one alias. @throws JsonError yaml-aliases */
  spend(steps: number, at: { line: number; source?: string }): void {
    this.steps += steps
    this.#aliasSteps += steps
    if (this.#aliasSteps > this.#maxAliasNodes || this.#isExcessiveToGo()) {
      const message = `YAML aliases at line ${at.line} copy too much: they may copy at most ${this.#maxAliasNodes} values in a text, and not account for nearly all of its values`
      throw new JsonError('yaml-aliases', message, at)
    }
  }

  #isExcessiveToGo(): boolean {
    if (this.#aliasSteps <= 100 || this.steps <= 1000) return false
    const part = Math.min(Math.max((this.steps - GO_RATIO_FROM) / (GO_RATIO_TO - GO_RATIO_FROM), 0), 1)
    return this.#aliasSteps / this.steps > 0.99 - 0.89 * part
  }
}
