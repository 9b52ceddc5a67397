/** Owns: up to three tokens of look-ahead over the lexer. */
import { Lexer } from './lexer.ts'
import type { Token } from './token.ts'

const START: Token = { kind: 'space', offset: 0, text: '', line: 1 }

export class TokenStream {
  readonly #lexer: Lexer
  readonly #ahead: [Token, Token, Token] = [START, START, START]
  #count = 0

  constructor(text: string) {
    this.#lexer = new Lexer(text)
  }

  /** The token that was lexed last: whose line Go names in errors. */
  get latest(): Token {
    return this.#ahead[0]
  }

  next(): Token {
    if (this.#count > 0) this.#count--
    else this.#ahead[0] = this.#lexer.next()
    return this.#ahead[this.#count] ?? START
  }

  peek(): Token {
    if (this.#count > 0) return this.#ahead[this.#count - 1] ?? START
    this.#count = 1
    this.#ahead[0] = this.#lexer.next()
    return this.#ahead[0]
  }

  /** Takes back the token that `next` gave last. */
  backup(): void {
    this.#count++
  }

  /** Takes back two: `before`, and the latest one. */
  backup2(before: Token): void {
    this.#ahead[1] = before
    this.#count = 2
  }

  /** Takes back three: `first`, `second`, and the latest one. */
  backup3(first: Token, second: Token): void {
    this.#ahead[1] = second
    this.#ahead[2] = first
    this.#count = 3
  }

  nextNonSpace(): Token {
    let token = this.next()
    while (token.kind === 'space') token = this.next()
    return token
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace()
    this.backup()
    return token
  }
}
