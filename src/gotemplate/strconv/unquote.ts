/** Parses Go's quoted strings and character constants. */
import { fromBytes } from './go-string.ts'

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
}

/** One character of a quoted text: a code point, or (`byte`) a raw byte from \x or an octal escape. */
interface QuotedChar {
  readonly code: number
  readonly byte: boolean
  readonly length: number
}

/** The text of a `"..."` or backquoted literal; undefined if Go reports `invalid syntax`. */
export function unquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '')
  const body = literal.slice(1, -1)
  if (!body.includes('\\')) return body
  let result = ''
  let raw = false
  for (let at = 0; at < body.length; ) {
    const char = readChar(body, at, '"')
    if (char === undefined) return undefined
    if (char.byte && char.code >= 0x80) {
      result += String.fromCharCode(0xdc00 + char.code)
      raw = true
    } else {
      result += String.fromCodePoint(char.code)
    }
    at += char.length
  }
  // Escaped bytes may form valid characters.
  return raw ? joinBytes(result) : result
}

/** The code point of a `'x'` literal. */
export function unquoteChar(literal: string): { readonly code: number } | { readonly problem: string } {
  const char = readChar(literal, 1, "'")
  if (char === undefined) return { problem: 'invalid syntax' }
  if (literal.slice(1 + char.length) !== "'") return { problem: `malformed character constant: ${literal}` }
  return { code: char.code }
}

function readChar(text: string, at: number, quote: string): QuotedChar | undefined {
  const code = text.codePointAt(at)
  if (code === undefined) return undefined
  const char = String.fromCodePoint(code)
  if (char === quote) return undefined
  if (char !== '\\') return { code, byte: false, length: char.length }
  const letter = text[at + 1] ?? ''
  if (letter === 'x') return hexEscape(text, at, 2, true)
  if (letter === 'u') return hexEscape(text, at, 4, false)
  if (letter === 'U') return hexEscape(text, at, 8, false)
  if (/[0-7]/.test(letter)) {
    const digits = text.slice(at + 1, at + 4)
    if (!/^[0-7]{3}$/.test(digits)) return undefined
    const value = Number.parseInt(digits, 8)
    return value > 255 ? undefined : { code: value, byte: true, length: 4 }
  }
  if (letter === quote) return { code: quote.charCodeAt(0), byte: false, length: 2 }
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined
  return simple === undefined ? undefined : { code: simple, byte: false, length: 2 }
}

function hexEscape(text: string, at: number, count: number, byte: boolean): QuotedChar | undefined {
  const digits = text.slice(at + 2, at + 2 + count)
  if (digits.length !== count || !/^[0-9a-fA-F]+$/.test(digits)) return undefined
  const code = Number.parseInt(digits, 16)
  if (!byte && (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))) return undefined
  return { code, byte, length: 2 + count }
}

function joinBytes(text: string): string {
  const parts: Uint8Array[] = []
  for (const char of text) {
    const unit = char.charCodeAt(0)
    const isByte = char.length === 1 && unit >= 0xdc80 && unit <= 0xdcff
    parts.push(isByte ? Uint8Array.of(unit - 0xdc00) : Buffer.from(char, 'utf8'))
  }
  return fromBytes(Buffer.concat(parts))
}
