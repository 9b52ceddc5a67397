/** Anchors, aliases, tags and directives. */
import { BLANK, BLANK_OR_END, BREAK_OR_END, classOf, hexDigit, URI, WORD } from './chars.ts'
import type { Cursor } from './cursor.ts'
import { ALIAS, TAG, TAG_DIRECTIVE, Token, VERSION_DIRECTIVE } from './token.ts'

export function scanAnchor(cursor: Cursor, kind: number): Token {
  const token = startToken(cursor, kind)
  cursor.pos++
  token.value = readWord(cursor)
  const code = cursor.text.charCodeAt(cursor.pos)
  if (
    token.value === '' ||
    ((classOf(code) & BLANK_OR_END) === 0 && !'?:,]}%@`'.includes(String.fromCharCode(code)))
  ) {
    const sign = kind === ALIAS ? '*' : '&'
    cursor.fail(`${sign} must be followed by a name of letters, digits, '-' and '_'; if it is text, quote it`)
  }
  return token
}

export function scanTag(cursor: Cursor): Token {
  const { text } = cursor
  const token = startToken(cursor, TAG)
  if (text.charAt(cursor.pos + 1) === '<') {
    cursor.pos += 2
    token.value = readUri(cursor, '')
    if (text.charAt(cursor.pos) !== '>') cursor.fail("a tag that starts with '!<' must end with '>'")
    cursor.pos++
  } else {
    const handle = readHandle(cursor)
    if (handle.length > 1 && handle.endsWith('!')) {
      token.handle = handle
      token.value = readUri(cursor, '')
    } else {
      // `!name`: what looked like a handle is the start of the name. A lone `!` is a tag without a handle.
      const suffix = readUri(cursor, handle)
      token.handle = suffix === '' ? '' : '!'
      token.value = suffix === '' ? '!' : suffix
    }
  }
  if ((classOf(text.charCodeAt(cursor.pos)) & BLANK_OR_END) === 0) {
    cursor.fail('a tag must be followed by a space or line break')
  }
  return token
}

export function scanDirective(cursor: Cursor): Token {
  const { text } = cursor
  const { pos, line, lineStart } = cursor
  cursor.pos++
  const name = readWord(cursor)
  const kind = name === 'YAML' ? VERSION_DIRECTIVE : TAG_DIRECTIVE
  if ((name !== 'YAML' && name !== 'TAG') || !isBlankOrEnd(cursor)) {
    cursor.fail("a line that starts with '%' must be a %YAML or %TAG directive; if it is text, quote it")
  }
  const token = new Token(kind, pos, line, pos - lineStart, '')
  skipBlanks(cursor)
  if (kind === VERSION_DIRECTIVE) {
    token.value = `${readVersionNumber(cursor)}.`
    if (text.charAt(cursor.pos) !== '.') cursor.fail('a %YAML directive needs a version like 1.1')
    cursor.pos++
    token.value += readVersionNumber(cursor)
  } else {
    token.handle = readHandle(cursor)
    const isBlank = (classOf(text.charCodeAt(cursor.pos)) & BLANK) !== 0
    if (!isBlank || (token.handle !== '!' && !token.handle.endsWith('!'))) {
      cursor.fail("the handle of a %TAG directive must end with '!' and a space")
    }
    skipBlanks(cursor)
    token.value = readUri(cursor, '')
    if (!isBlankOrEnd(cursor))
      cursor.fail('the prefix of a %TAG directive must be followed by a space or line break')
  }
  skipBlanks(cursor)
  if (text.charAt(cursor.pos) === '#') cursor.skipComment()
  if ((classOf(text.charCodeAt(cursor.pos)) & BREAK_OR_END) === 0) {
    cursor.fail('only a comment may follow a directive on its line')
  }
  if (text.charCodeAt(cursor.pos) !== 0) cursor.skipBreak()
  return token
}

function startToken(cursor: Cursor, kind: number): Token {
  return new Token(kind, cursor.pos, cursor.line, cursor.pos - cursor.lineStart, '')
}

function isBlankOrEnd(cursor: Cursor): boolean {
  return (classOf(cursor.text.charCodeAt(cursor.pos)) & BLANK_OR_END) !== 0
}

function skipBlanks(cursor: Cursor): void {
  while ((classOf(cursor.text.charCodeAt(cursor.pos)) & BLANK) !== 0) cursor.pos++
}

function readWord(cursor: Cursor): string {
  const start = cursor.pos
  while ((classOf(cursor.text.charCodeAt(cursor.pos)) & WORD) !== 0) cursor.pos++
  return cursor.text.slice(start, cursor.pos)
}

function readVersionNumber(cursor: Cursor): string {
  const digits = /^[0-9]+/.exec(cursor.text.slice(cursor.pos, cursor.pos + 3))?.[0] ?? ''
  if (digits === '' || digits.length > 2) cursor.fail('a %YAML directive needs a version like 1.1')
  cursor.pos += digits.length
  return String(Number(digits))
}

/** `!`, `!!` or `!word!`; also `!word`, which the caller distinguishes. */
function readHandle(cursor: Cursor): string {
  if (cursor.text.charAt(cursor.pos) !== '!') cursor.fail("a tag handle must start with '!'")
  cursor.pos++
  let handle = `!${readWord(cursor)}`
  if (cursor.text.charAt(cursor.pos) === '!') {
    handle += '!'
    cursor.pos++
  }
  return handle
}

/** @param head what was read as a handle: `!` and the first letters of the tag, or an empty text */
function readUri(cursor: Cursor, head: string): string {
  const { text } = cursor
  let uri = head.slice(1)
  const start = cursor.pos
  for (;;) {
    const code = text.charCodeAt(cursor.pos)
    if (code === 0x25) {
      uri += readUriEscape(cursor)
    } else if ((classOf(code) & (WORD | URI)) !== 0) {
      uri += String.fromCharCode(code)
      cursor.pos++
    } else {
      break
    }
  }
  if (cursor.pos === start && head === '') cursor.fail('a tag is missing here')
  return uri
}

/** One character written as `%` and two hexadecimal digits for each of its UTF-8 bytes. */
function readUriEscape(cursor: Cursor): string {
  const bytes: number[] = []
  let length = 1
  while (bytes.length < length) {
    const { text, pos } = cursor
    const high = hexDigit(text.charCodeAt(pos + 1))
    const low = text.charCodeAt(pos) === 0x25 && high >= 0 ? hexDigit(text.charCodeAt(pos + 2)) : -1
    if (low < 0) cursor.fail("'%' in a tag must be followed by two hexadecimal digits")
    const byte = high * 16 + low
    if (bytes.length === 0) {
      length = byte < 0x80 ? 1 : byte >> 5 === 6 ? 2 : byte >> 4 === 14 ? 3 : byte >> 3 === 30 ? 4 : 0
    }
    if (length === 0 || (bytes.length > 0 && byte >> 6 !== 2))
      cursor.fail('a tag contains an escape that is not UTF-8')
    bytes.push(byte)
    cursor.pos += 3
  }
  return Buffer.from(bytes).toString('utf8')
}
