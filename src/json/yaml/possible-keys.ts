/**
 * Which tokens may still turn out to be mapping keys, one for each flow level. A key is known only when its colon
 * comes; until then the scanner holds the token back.
 */
import type { Token } from './token.ts'

interface Level {
  /** The last token that may be a key on this level. */
  key: Token | undefined
  /** The token let go when the level ends, whether the key or what opened the level. */
  letGo: Token | undefined
}

export class PossibleKeys {
  #level: Level = { key: undefined, letGo: undefined }
  readonly #outer: Level[] = []

  /** The one of the current level, if it is still possible. */
  get current(): Token | undefined {
    const { key } = this.#level
    return key?.mayBeKey === true ? key : undefined
  }

  add(token: Token, mustBeKey: boolean): void {
    token.mayBeKey = true
    token.held = true
    token.mustBeKey = mustBeKey
    this.#level.key = token
    this.#level.letGo = token
  }

  ruleOut(token: Token): void {
    token.mayBeKey = false
    token.held = false
  }

  enterFlow(start: Token): void {
    this.#outer.push(this.#level)
    this.#level = { key: undefined, letGo: start }
  }

  /**
   * go-yaml v2 forgets that the start of a collection holds back the queue when nothing inside could have been a
   * key, so `[]: v` is the document `[]` to it, and not the error that `[a]: v` is.
   */
  leaveFlow(): void {
    if (this.#level.letGo !== undefined) this.#level.letGo.held = false
    this.#level = this.#outer.pop() ?? this.#level
  }
}
