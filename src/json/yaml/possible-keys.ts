/**
 * The tokens that may still turn out to be mapping keys, one for each flow level. A key is recognised only by its
 * colon; until then the scanner does not release the token.
 */
import type { Token } from './token.ts'

interface Level {
  /** The last token that may be a key on this level. */
  key: Token | undefined
  /** The token released when the level ends: the key or the token that opened the level. */
  letGo: Token | undefined
}

export class PossibleKeys {
  #level: Level = { key: undefined, letGo: undefined }
  readonly #outer: Level[] = []

  /** That of the current level, if it is still possible. */
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
   * go-yaml v2 forgets to hold back the start of a collection if nothing inside could have been a key. So `[]: v` is
   * the document `[]`, and not an error as `[a]: v` is.
   */
  leaveFlow(): void {
    if (this.#level.letGo !== undefined) this.#level.letGo.held = false
    this.#level = this.#outer.pop() ?? this.#level
  }
}
