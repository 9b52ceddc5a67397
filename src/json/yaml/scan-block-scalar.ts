/** Block scalars: `|` keeps lines, `>` folds them; indentation and chomping indicators. */
import { BLANK, BREAK, BREAK_OR_END, classOf } from './chars.ts'
import type { Cursor } from './cursor.ts'
import { SCALAR, Token } from './token.ts'

export function scanBlockScalar(cursor: Cursor, literal: boolean): Token {
  const { text } = cursor
  const token = new Token(SCALAR, cursor.pos, cursor.line, cursor.pos - cursor.lineStart, '')
  cursor.pos++
  const { chomping, increment } = readHeader(cursor)
  const given = increment === 0 ? 0 : Math.max(cursor.indent, 0) + increment
  const lead = readEmptyLines(cursor, given)
  const { indent } = lead
  let emptyLines = lead.breaks
  let value = ''
  let lineBreak = ''
  let wasIndented = false
  while (cursor.pos - cursor.lineStart === indent && text.charCodeAt(cursor.pos) !== 0) {
    const isIndented = (classOf(text.charCodeAt(cursor.pos)) & BLANK) !== 0
    if (!literal && lineBreak === '\n' && !wasIndented && !isIndented) {
      if (emptyLines === '') value += ' '
    } else {
      value += lineBreak
    }
    value += emptyLines
    wasIndented = isIndented
    const start = cursor.pos
    cursor.skipComment()
    value += text.slice(start, cursor.pos)
    lineBreak = text.charCodeAt(cursor.pos) === 0 ? '' : cursor.readBreak()
    emptyLines = readEmptyLines(cursor, indent).breaks
  }
  if (chomping !== '-') value += lineBreak
  if (chomping === '+') value += emptyLines
  token.value = value
  return token
}

/** What follows `|` or `>` on its line: a sign and a digit in either order, then only a comment. */
function readHeader(cursor: Cursor): { chomping: string; increment: number } {
  const { text } = cursor
  let chomping = ''
  let increment = 0
  for (let i = 0; i < 2; i++) {
    const char = text.charAt(cursor.pos)
    if (chomping === '' && (char === '+' || char === '-')) {
      chomping = char
    } else if (increment === 0 && char >= '0' && char <= '9') {
      if (char === '0') cursor.fail('the indentation of a block of text must be 1 to 9')
      increment = Number(char)
    } else {
      break
    }
    cursor.pos++
  }
  while ((classOf(text.charCodeAt(cursor.pos)) & BLANK) !== 0) cursor.pos++
  if (text.charAt(cursor.pos) === '#') cursor.skipComment()
  if ((classOf(text.charCodeAt(cursor.pos)) & BREAK_OR_END) === 0) {
    cursor.fail(
      "a block of text starts on the line after '|' or '>', which may be followed by a comment only",
    )
  }
  if (text.charCodeAt(cursor.pos) !== 0) cursor.skipBreak()
  return { chomping, increment }
}

/**
 * Skips empty lines up to the text of the next line, or up to the end of its indentation.
 * @param indent columns of indentation; 0 if the first line with text decides
 */
function readEmptyLines(cursor: Cursor, indent: number): { breaks: string; indent: number } {
  const { text } = cursor
  let breaks = ''
  let widest = 0
  for (;;) {
    let code = text.charCodeAt(cursor.pos)
    while (code === 0x20 && (indent === 0 || cursor.pos - cursor.lineStart < indent)) {
      code = text.charCodeAt(++cursor.pos)
    }
    const column = cursor.pos - cursor.lineStart
    if (column > widest) widest = column
    if (code === 9 && (indent === 0 || column < indent)) {
      cursor.fail('a tab where a block of text must be indented with spaces')
    }
    if ((classOf(code) & BREAK) === 0) break
    breaks += cursor.readBreak()
  }
  return { breaks, indent: indent === 0 ? Math.max(widest, cursor.indent + 1, 1) : indent }
}
