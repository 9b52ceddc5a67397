/** The tokens that the lexer produces for the parser. */
import type { ParseErrorClass } from '../errors.ts'

export type TokenKind =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'space'
  | 'string'
  | 'text'
  | 'variable'
  | Keyword

export type Keyword =
  | 'block'
  | 'break'
  | 'continue'
  | 'dot'
  | 'define'
  | 'else'
  | 'end'
  | 'if'
  | 'nil'
  | 'range'
  | 'template'
  | 'with'

export const KEYWORDS: ReadonlyMap<string, Keyword> = new Map([
  ['block', 'block'],
  ['break', 'break'],
  ['continue', 'continue'],
  ['define', 'define'],
  ['else', 'else'],
  ['end', 'end'],
  ['if', 'if'],
  ['nil', 'nil'],
  ['range', 'range'],
  ['template', 'template'],
  ['with', 'with'],
])

const keywordKinds: ReadonlySet<TokenKind> = new Set<TokenKind>([...KEYWORDS.values(), 'dot'])

export interface Token {
  readonly kind: TokenKind
  /** UTF-16 offset of its start in the template. */
  readonly offset: number
  /** As written; the message of an error token. */
  readonly text: string
  /** 1-based, of its start. */
  readonly line: number
  /** For an error token. */
  readonly class?: ParseErrorClass
}

/** The token as it appears in messages. */
export function describeToken(token: Token): string {
  if (token.kind === 'eof') return 'EOF'
  if (token.kind === 'error') return token.text
  if (keywordKinds.has(token.kind)) return `<${token.text}>`
  const shown = JSON.stringify(token.text.slice(0, 10))
  return token.text.length > 10 ? `${shown}...` : shown
}
