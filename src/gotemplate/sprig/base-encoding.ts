/** base64 and base32 as Go's StdEncoding: strict about padding, ignoring line breaks, errors by position. */
import type { FunctionTable } from '../functions.ts'
import { fromBytes, toBytes } from '../strconv/go-string.ts'
import { ofStrings, stringType } from './define.ts'

interface Encoding {
  readonly name: string
  readonly alphabet: string
  /** Characters and bits of one group. */
  readonly group: number
  readonly bits: number
}

const BASE64: Encoding = {
  name: 'base64',
  alphabet: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  group: 4,
  bits: 6,
}
const BASE32: Encoding = { name: 'base32', alphabet: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', group: 8, bits: 5 }

export function encode(bytes: Uint8Array, { alphabet, group, bits }: Encoding): string {
  let result = ''
  let buffer = 0
  let held = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    held += 8
    while (held >= bits) {
      held -= bits
      result += alphabet.charAt((buffer >> held) & ((1 << bits) - 1))
      buffer &= (1 << held) - 1
    }
  }
  if (held > 0) result += alphabet.charAt((buffer << (bits - held)) & ((1 << bits) - 1))
  return result.padEnd(Math.ceil(result.length / group) * group, '=')
}

/** The bytes, or Go's message. */
export function decode(text: string, encoding: Encoding): Uint8Array | string {
  const { name, alphabet, group, bits } = encoding
  const corrupt = (at: number): string => `illegal ${name} data at input byte ${at}`
  const bytes: number[] = []
  let buffer = 0
  let held = 0
  let inGroup = 0
  const source = toBytes(text)
  for (let at = 0; at < source.length; at++) {
    const char = String.fromCharCode(source[at] ?? 0)
    if (char === '\n' || char === '\r') continue
    if (char === '=') return endPadding(source, at, inGroup, encoding, bytes, corrupt)
    const value = alphabet.indexOf(char)
    if (value < 0) return corrupt(at)
    buffer = ((buffer << bits) | value) & 0xffff
    held += bits
    inGroup = (inGroup + 1) % group
    if (held >= 8) {
      held -= 8
      bytes.push((buffer >> held) & 0xff)
    }
  }
  return inGroup === 0 ? Uint8Array.from(bytes) : corrupt(source.length - inGroup)
}

function endPadding(
  source: Uint8Array,
  start: number,
  inGroup: number,
  { group, name }: Encoding,
  bytes: readonly number[],
  corrupt: (at: number) => string,
): Uint8Array | string {
  const allowed = name === 'base64' ? [2, 3] : [2, 4, 5, 7]
  if (!allowed.includes(inGroup)) return corrupt(start)
  let missing = group - inGroup
  for (let at = start; at < source.length; at++) {
    const char = source[at]
    if (char === 10 || char === 13) continue
    // Go's base32 stops at the padding; for a missing character both report the position before it.
    if (missing === 0 && name === 'base32') break
    if (missing === 0) return corrupt(at)
    if (char !== 61) return corrupt(at - 1)
    missing--
  }
  return missing === 0 ? Uint8Array.from(bytes) : corrupt(source.length)
}

function decodeText(text: string, encoding: Encoding): string {
  const decoded = decode(text, encoding)
  return typeof decoded === 'string' ? decoded : fromBytes(decoded)
}

export const baseEncodings: FunctionTable = {
  b64enc: ofStrings(1, stringType, ([value = ''], { budget }) => {
    budget.allocate(value.length * 4)
    return encode(toBytes(value), BASE64)
  }),
  b64dec: ofStrings(1, stringType, ([value = '']) => decodeText(value, BASE64)),
  b32enc: ofStrings(1, stringType, ([value = ''], { budget }) => {
    budget.allocate(value.length * 5)
    return encode(toBytes(value), BASE32)
  }),
  b32dec: ofStrings(1, stringType, ([value = '']) => decodeText(value, BASE32)),
}
