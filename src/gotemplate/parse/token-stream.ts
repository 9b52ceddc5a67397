/** Up to three tokens of look-ahead on the lexer, and the limit on the number of tokens of a template. */
import { Lexer } from './lexer.ts'
import type { Token } from './token.ts'

const START: Token = { kind: 'space', offset: 0, text: '', line: 1 }

export class TokenStream {
  readonly #lexer: Lexer
  readonly #ahead: [Token, Token, Token] = [START, START, START]
  readonly #maxTokens: number
  #lexed = 0
  #count = 0

  /** @param maxTokens further tokens become one `error` token of the class `too-large` */
  constructor(text: string, maxTokens: number) {
    this.#lexer = new Lexer(text)
    this.#maxTokens = maxTokens
  }

  /** Number of tokens so far. The memory of a parsed template is proportional to it. */
  get lexed(): number {
    return this.#lexed
  }

  /** The token read last, whose line Go names in errors. */
  get latest(): Token {
    return this.#ahead[0]
  }

  next(): Token {
    if (this.#count > 0) this.#count--
    else this.#ahead[0] = this.#lex()
    return this.#ahead[this.#count] ?? START
  }

  peek(): Token {
    if (this.#count > 0) return this.#ahead[this.#count - 1] ?? START
    this.#count = 1
    this.#ahead[0] = this.#lex()
    return this.#ahead[0]
  }

  #lex(): Token {
    const token = this.#lexer.next()
    if (++this.#lexed <= this.#maxTokens) return token
    const text = `the template is too large: it has more than ${this.#maxTokens} tokens`
    return { kind: 'error', offset: token.offset, line: token.line, text, class: 'too-large' }
  }

  /** Returns the token that `next` returned last. */
  backup(): void {
    this.#count++
  }

  /** Returns two tokens: `before`, and the latest one. */
  backup2(before: Token): void {
    this.#ahead[1] = before
    this.#count = 2
  }

  /** Returns three tokens: `first`, `second`, and the latest one. */
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
