/** Scalars in single or double quotes, their escapes and folded lines. */
import { BLANK, BLANK_OR_END, BREAK, classOf, hexDigit } from './chars.ts'
import type { Cursor } from './cursor.ts'
import { foldBreaks } from './fold-breaks.ts'
import { SCALAR, Token } from './token.ts'

const SINGLE = 0x27
const BACKSLASH = 0x5c

/** Escapes for single characters. JSON's `\/` is not among them: go-yaml v2 refuses it. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
])
const HEX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

export function scanQuoted(cursor: Cursor, quote: number): Token {
  const { text } = cursor
  const token = new Token(SCALAR, cursor.pos, cursor.line, cursor.pos - cursor.lineStart, '')
  const start = ++cursor.pos
  const end = endOfSimple(text, start, quote)
  if (end >= 0) {
    token.value = text.slice(start, end)
    cursor.pos = end + 1
    return token
  }
  let value = ''
  for (;;) {
    if (cursor.atDocumentIndicator()) cursor.fail('a document ends inside a quoted text', token.line)
    const read = readWord(cursor, quote)
    value += read.value
    const code = text.charCodeAt(cursor.pos)
    if (code === quote) break
    // A word ends at its quote, white space, the end of the text or an escaped line break.
    if (code === 0) cursor.fail('the quoted text that starts here is not closed', token.line)
    value += readSpace(cursor, read.escapedBreak)
  }
  cursor.pos++
  token.value = value
  return token
}

/** The end of a quoted text on one line without escapes; -1 for any other. */
function endOfSimple(text: string, start: number, quote: number): number {
  for (let pos = start; ; pos++) {
    const code = text.charCodeAt(pos)
    if (code === quote) return quote === SINGLE && text.charCodeAt(pos + 1) === SINGLE ? -1 : pos
    if (code === BACKSLASH && quote !== SINGLE) return -1
    if ((classOf(code) & BLANK_OR_END) !== 0 && code !== 0x20 && code !== 9) return -1
  }
}

function readWord(cursor: Cursor, quote: number): { value: string; escapedBreak: boolean } {
  const { text } = cursor
  let value = ''
  let partStart = cursor.pos
  for (;;) {
    const code = text.charCodeAt(cursor.pos)
    const stops = code === quote || (classOf(code) & BLANK_OR_END) !== 0
    if (!stops && (code !== BACKSLASH || quote === SINGLE)) {
      cursor.pos++
      continue
    }
    value += text.slice(partStart, cursor.pos)
    if (code === SINGLE && quote === SINGLE && text.charCodeAt(cursor.pos + 1) === SINGLE) {
      value += "'"
      cursor.pos += 2
    } else if (stops) {
      return { value, escapedBreak: false }
    } else if ((classOf(text.charCodeAt(cursor.pos + 1)) & BREAK) !== 0) {
      cursor.pos++
      cursor.skipBreak()
      return { value, escapedBreak: true }
    } else {
      value += readEscape(cursor)
    }
    partStart = cursor.pos
  }
}

function readEscape(cursor: Cursor): string {
  const name = cursor.text.charAt(cursor.pos + 1)
  const simple = ESCAPES.get(name)
  if (simple !== undefined) {
    cursor.pos += 2
    return simple
  }
  const length = HEX_LENGTHS.get(name)
  if (length === undefined) {
    cursor.fail(`\\${name === '\0' ? '' : name} is not a YAML escape; write \\\\ for a backslash`)
  }
  cursor.pos += 2
  let code = 0
  for (let i = 0; i < length; i++) {
    const digit = hexDigit(cursor.text.charCodeAt(cursor.pos + i))
    if (digit < 0) cursor.fail(`\\${name} needs ${length} hexadecimal digits`)
    code = code * 16 + digit
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    cursor.fail(`\\${name} names no character; write one beyond U+FFFF as \\U and eight digits`)
  }
  cursor.pos += length
  return String.fromCodePoint(code)
}

/** White space between words: kept on one line, folded over several, dropped after an escaped line break. */
function readSpace(cursor: Cursor, escapedBreak: boolean): string {
  const { text } = cursor
  const start = cursor.pos
  let firstBreak = ''
  let moreBreaks = ''
  for (;;) {
    const bits = classOf(text.charCodeAt(cursor.pos))
    if ((bits & BLANK) !== 0) {
      cursor.pos++
    } else if ((bits & BREAK) === 0) {
      break
    } else if (firstBreak === '' && !escapedBreak) {
      firstBreak = cursor.readBreak()
    } else {
      moreBreaks += cursor.readBreak()
    }
  }
  if (escapedBreak) return moreBreaks
  return firstBreak === '' ? text.slice(start, cursor.pos) : foldBreaks(firstBreak, moreBreaks)
}
