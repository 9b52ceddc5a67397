/** The state shared by the parts of the parser: tokens, declared variables, nesting, and failing at a position. */
import { type ParseErrorClass, TemplateParseError } from '../errors.ts'
import { describeToken, type Token } from './token.ts'
import { TokenStream } from './token-stream.ts'

/** Nesting of blocks and parentheses: Go allows 10000 parentheses, JavaScript's stack less. */
const MAX_NESTING = 400

export type KnowsFunction = (name: string) => 'yes' | 'no' | { readonly refused: string }

export class ParserState {
  readonly source: { readonly name: string; readonly text: string }
  readonly knowsFunction: KnowsFunction
  readonly tokens: TokenStream
  /** Names of the variables in scope so far. */
  variables: string[] = ['$']
  /** Line on which the current action began, 0 outside actions. */
  actionLine = 0
  #nesting = 0

  constructor(
    source: { readonly name: string; readonly text: string },
    knowsFunction: KnowsFunction,
    maxTokens: number,
  ) {
    this.source = source
    this.knowsFunction = knowsFunction
    this.tokens = new TokenStream(source.text, maxTokens)
  }

  fail(kind: ParseErrorClass, message: string, offset = this.tokens.latest.offset): never {
    const place = { template: this.source.name, text: this.source.text, offset }
    throw new TemplateParseError(kind, place, this.tokens.latest.line, message)
  }

  unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') {
      this.fail('unexpected-token', `unexpected ${describeToken(token)} in ${context}`, token.offset)
    }
    let extra = ''
    if (this.actionLine !== 0 && this.actionLine !== token.line) {
      const started = `started at ${this.source.name}:${this.actionLine}`
      extra = token.text.endsWith(' action') ? ` ${started}` : ` in action ${started}`
    }
    this.fail(token.class ?? 'unexpected-token', token.text + extra, token.offset)
  }

  enter(): void {
    if (++this.#nesting > MAX_NESTING) this.fail('too-deep', 'max expression depth exceeded')
  }

  leave(): void {
    this.#nesting--
  }
}
