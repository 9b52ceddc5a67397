/** Quotes strings and characters as Go's strconv.Quote and its relatives do. */

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [12, '\\f'],
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
  [11, '\\v'],
  [92, '\\\\'],
])
const PLAIN = /^[ !#-[\]-~]*$/
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** Go's unicode.IsPrint: the only printable white space is the space. */
export function isPrint(code: number): boolean {
  if (code >= 0xd800 && code < 0xe000) return false
  return PRINTABLE.test(String.fromCodePoint(code))
}

/** `"..."`; `ascii`: everything outside ASCII is escaped. */
export function quote(text: string, ascii = false): string {
  if (PLAIN.test(text)) return `"${text}"`
  let result = '"'
  for (const char of text) result += quoteChar(char, 34, ascii)
  return `${result}"`
}

/** `'x'` for a code point; an invalid one becomes U+FFFD. */
export function quoteRune(code: number, ascii = false): string {
  const valid = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)
  return `'${quoteChar(String.fromCodePoint(valid ? code : 0xfffd), 39, ascii)}'`
}

function quoteChar(char: string, delimiter: number, ascii: boolean): string {
  const code = char.codePointAt(0) ?? 0
  if (code === delimiter) return `\\${char}`
  const known = ESCAPES.get(code)
  if (known !== undefined) return known
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`
  if (code >= 0xd800 && code < 0xe000) return '\\ufffd'
  if (code < 0x80 ? code >= 32 && code < 127 : !ascii && isPrint(code)) return char
  if (code < 32 || code === 127) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`
}

/**
 * Whether a backquoted literal can represent the text: no control characters except tab, no backquote, no invalid
 * bytes.
 */
export function canBackquote(text: string): boolean {
  return !/[\p{Cc}\p{Cs}`\ufeff]/u.test(text.replaceAll('\t', ''))
}
