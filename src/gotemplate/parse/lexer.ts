/**
 * Splits a template into tokens, including trim markers and comments, as Go 1.26's text/template does. An invalid
 * position gives one `error` token with its class; the parser stops there.
 */
import type { ParseErrorClass } from '../errors.ts'
import { KEYWORDS, type Token, type TokenKind } from './token.ts'

const LEFT = '{{'
const RIGHT = '}}'
export class Lexer {
  readonly #input: string
  readonly #numberPattern =
    /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y
  readonly #wordPattern = /[\p{L}\p{Nd}_]*/uy
  readonly #spacesPattern = /[ \t\r\n]*/y
  #position = 0
  #start = 0
  /** Newlines are counted up to `#lineEnd`. */
  #line = 1
  #lineEnd = 0
  #insideAction = false
  #parenDepth = 0

  constructor(input: string) {
    this.#input = input
  }

  next(): Token {
    return this.#insideAction ? this.#action() : this.#text()
  }

  #emit(kind: TokenKind): Token {
    const token = {
      kind,
      offset: this.#start,
      text: this.#input.slice(this.#start, this.#position),
      line: this.#lineAt(this.#start),
    }
    this.#start = this.#position
    return token
  }

  #error(kind: ParseErrorClass, message: string): Token {
    return { kind: 'error', offset: this.#start, text: message, line: this.#lineAt(this.#start), class: kind }
  }

  #lineAt(offset: number): number {
    for (let at = this.#lineEnd; at < offset; at++) if (this.#input.charCodeAt(at) === 10) this.#line++
    this.#lineEnd = Math.max(offset, this.#lineEnd)
    return this.#line
  }

  #text(): Token {
    for (;;) {
      const open = this.#input.indexOf(LEFT, this.#position)
      if (open < 0) {
        this.#position = this.#input.length
        return this.#emit(this.#position > this.#start ? 'text' : 'eof')
      }
      const trims = this.#hasLeftTrim(open + LEFT.length)
      let end = open
      if (trims) while (end > this.#start && isSpace(this.#input.charCodeAt(end - 1))) end--
      if (end > this.#start) {
        this.#position = end
        const token = this.#emit('text')
        this.#position = open
        this.#start = open
        return token
      }
      this.#position = open
      this.#start = open
      const afterMarker = open + LEFT.length + (trims ? 2 : 0)
      if (!this.#input.startsWith('/*', afterMarker)) return this.#leftDelim(afterMarker)
      const problem = this.#comment(afterMarker)
      if (problem !== undefined) return problem
    }
  }

  #leftDelim(afterMarker: number): Token {
    this.#position = this.#start + LEFT.length
    const token = this.#emit('leftDelim')
    this.#insideAction = true
    this.#parenDepth = 0
    this.#position = afterMarker
    this.#start = afterMarker
    return token
  }

  #comment(open: number): Token | undefined {
    this.#start = open
    const close = this.#input.indexOf('*/', open + 2)
    if (close < 0) return this.#error('unclosed', 'unclosed comment')
    this.#position = close + 2
    const trims = this.#hasRightTrim(this.#position)
    const delim = this.#position + (trims ? 2 : 0)
    if (!this.#input.startsWith(RIGHT, delim)) {
      return this.#error('unclosed', 'comment ends before closing delimiter')
    }
    this.#position = delim + RIGHT.length
    if (trims) this.#skipSpaces()
    this.#start = this.#position
    return undefined
  }

  #rightDelim(trims: boolean): Token {
    if (trims) {
      this.#position += 2
      this.#start = this.#position
    }
    this.#position += RIGHT.length
    const token = this.#emit('rightDelim')
    if (trims) {
      this.#skipSpaces()
      this.#start = this.#position
    }
    this.#insideAction = false
    return token
  }

  #action(): Token {
    const trims = this.#atTrimmedRight(this.#position)
    if (trims || this.#input.startsWith(RIGHT, this.#position)) {
      return this.#parenDepth === 0 ? this.#rightDelim(trims) : this.#error('unclosed', 'unclosed left paren')
    }
    const code = this.#input.codePointAt(this.#position)
    if (code === undefined) return this.#error('unclosed', 'unclosed action')
    if (isSpace(code)) return this.#space()
    const char = String.fromCodePoint(code)
    this.#position += char.length
    switch (char) {
      case '=':
        return this.#emit('assign')
      case ':':
        if (this.#input[this.#position] !== '=') return this.#error('unexpected-token', 'expected :=')
        this.#position++
        return this.#emit('declare')
      case '|':
        return this.#emit('pipe')
      case '"':
        return this.#quoted('"', 'string', 'unterminated quoted string')
      case "'":
        return this.#quoted("'", 'charConstant', 'unterminated character constant')
      case '`':
        return this.#rawQuoted()
      case '$':
        return this.#word('variable')
      case '.':
        if (!isDigit(this.#input.charCodeAt(this.#position))) return this.#word('field')
        return this.#number()
      case '(':
        this.#parenDepth++
        return this.#emit('leftParen')
      case ')':
        this.#parenDepth--
        if (this.#parenDepth < 0) return this.#error('unexpected-token', 'unexpected right paren')
        return this.#emit('rightParen')
    }
    if (char === '+' || char === '-' || isDigit(code)) return this.#number()
    if (isWordStart(char)) return this.#identifier()
    if (code > 0x20 && code < 0x7f) return this.#emit('char')
    return this.#error('bad-character', `unrecognized character in action: ${describeRune(code)}`)
  }

  #space(): Token {
    this.#skipSpaces()
    // The last space may belong to a trimming delimiter.
    if (this.#atTrimmedRight(this.#position - 1)) {
      this.#position--
      if (this.#position === this.#start) return this.#rightDelim(true)
    }
    return this.#emit('space')
  }

  #identifier(): Token {
    this.#position = this.#start
    this.#skipWord()
    const problem = this.#checkTerminator()
    if (problem !== undefined) return problem
    const word = this.#input.slice(this.#start, this.#position)
    if (word === 'true' || word === 'false') return this.#emit('bool')
    return this.#emit(KEYWORDS.get(word) ?? 'identifier')
  }

  /** `.` or `$` has been consumed. */
  #word(kind: 'field' | 'variable'): Token {
    if (this.#atTerminator()) return this.#emit(kind === 'field' ? 'dot' : 'variable')
    this.#skipWord()
    return this.#checkTerminator() ?? this.#emit(kind)
  }

  #checkTerminator(): Token | undefined {
    if (this.#atTerminator()) return undefined
    const code = this.#input.codePointAt(this.#position) ?? 0
    return this.#error('bad-character', `bad character ${describeRune(code)}`)
  }

  #atTerminator(): boolean {
    const char = this.#input[this.#position]
    if (char === undefined || ' \t\r\n.,|:)('.includes(char)) return true
    return this.#input.startsWith(RIGHT, this.#position)
  }

  /** Escapes are checked by the parser. */
  #quoted(quote: string, kind: TokenKind, problem: string): Token {
    for (;;) {
      const char = this.#input[this.#position++]
      if (char === quote) return this.#emit(kind)
      if (char === undefined || char === '\n') return this.#error('unterminated-string', problem)
      if (char === '\\') {
        const escaped = this.#input[this.#position++]
        if (escaped === undefined || escaped === '\n') return this.#error('unterminated-string', problem)
      }
    }
  }

  #rawQuoted(): Token {
    const close = this.#input.indexOf('`', this.#position)
    if (close < 0) return this.#error('unterminated-string', 'unterminated raw quoted string')
    this.#position = close + 1
    return this.#emit('rawString')
  }

  /** Accepts more than numbers; the parser decides. */
  #number(): Token {
    this.#position = this.#start
    if (!this.#scanNumber()) return this.#badNumber()
    const sign = this.#input[this.#position]
    if (sign !== '+' && sign !== '-') return this.#emit('number')
    if (!this.#scanNumber() || this.#input[this.#position - 1] !== 'i') return this.#badNumber()
    return this.#emit('complex')
  }

  #scanNumber(): boolean {
    this.#numberPattern.lastIndex = this.#position
    this.#position += this.#numberPattern.exec(this.#input)?.[0].length ?? 0
    const code = this.#input.codePointAt(this.#position)
    if (code === undefined) return true
    const char = String.fromCodePoint(code)
    if (!isWordStart(char)) return true
    this.#position += char.length
    return false
  }

  #badNumber(): Token {
    const text = this.#input.slice(this.#start, this.#position)
    return this.#error('bad-number', `bad number syntax: ${JSON.stringify(text)}`)
  }

  #skipWord(): void {
    this.#wordPattern.lastIndex = this.#position
    this.#position += this.#wordPattern.exec(this.#input)?.[0].length ?? 0
  }

  #skipSpaces(): void {
    this.#spacesPattern.lastIndex = this.#position
    this.#position += this.#spacesPattern.exec(this.#input)?.[0].length ?? 0
  }

  #hasLeftTrim(at: number): boolean {
    return this.#input[at] === '-' && isSpace(this.#input.charCodeAt(at + 1))
  }

  #hasRightTrim(at: number): boolean {
    return isSpace(this.#input.charCodeAt(at)) && this.#input[at + 1] === '-'
  }

  #atTrimmedRight(at: number): boolean {
    return this.#hasRightTrim(at) && this.#input.startsWith(RIGHT, at + 2)
  }
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isWordStart(char: string): boolean {
  return /^[\p{L}\p{Nd}_]/u.test(char)
}

function describeRune(code: number): string {
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return code > 0x20 && code !== 0x7f ? `${hex} '${String.fromCodePoint(code)}'` : hex
}
