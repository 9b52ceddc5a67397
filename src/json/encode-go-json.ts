/**
 * JSON text exactly as Go 1.22+ encoding/json writes it (json.Marshal, which escapes HTML). Reading it back is in
 * parse-json.ts.
 *
 * JavaScript and Go agree on how a float is written (shortest digits, exponent below 1e-6 and from 1e21) except for
 * negative zero, and on the escapes of control characters. Go also escapes `<`, `>`, `&`, U+2028 and U+2029.
 */
import { JsonError } from './error.ts'
import { assertWalkDepth } from './structure.ts'
import type { JsonValue } from './value.ts'

/** JSON in which integers above 2^53 are exact (bigint). */
export type WideJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly WideJson[]
  | { readonly [key: string]: WideJson }

export interface EncodeGoJsonOptions {
  /** true (default): keys in byte order, as Go writes a map. false: in the object's own order, as Go writes a struct. */
  readonly sortKeys?: boolean
}

/** @throws JsonError json-number-range for NaN and infinities (as Go), json-too-deep past MAX_WALK_DEPTH */
export function encodeGoJson(value: JsonValue | WideJson, options: EncodeGoJsonOptions = {}): string {
  return encodeAt(value, options.sortKeys ?? true, 0)
}

function encodeAt(value: WideJson, sortKeys: boolean, depth: number): string {
  switch (typeof value) {
    case 'string':
      return encodeGoString(value)
    case 'number':
      return encodeNumber(value)
    case 'object':
      break
    default:
      return String(value)
  }
  if (value === null) return 'null'
  assertWalkDepth(depth)
  if (Array.isArray(value)) {
    let text = '['
    for (let i = 0; i < value.length; i++) {
      text += (i === 0 ? '' : ',') + encodeAt(value[i], sortKeys, depth + 1)
    }
    return `${text}]`
  }
  // Array.isArray does not narrow readonly arrays away: the rest are objects.
  const object = value as { readonly [key: string]: WideJson }
  const keys = Object.keys(object)
  if (sortKeys) keys.sort(compareUtf8)
  let text = '{'
  for (const key of keys) {
    // `key` is one of the object's own keys, so it has a value.
    text += `${text.length === 1 ? '' : ','}${encodeGoString(key)}:${encodeAt(object[key] as WideJson, sortKeys, depth + 1)}`
  }
  return `${text}}`
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new JsonError('json-number-range', `${value} cannot be represented in JSON`)
  }
  return Object.is(value, -0) ? '-0' : String(value)
}

/** ASCII without anything that JSON or Go escapes: most names, ports and images. */
const AS_IT_STANDS = /^[ !#-%'-;=?-[\]-~]*$/
const GO_ESCAPED = /[<>&\u2028\u2029]/
const GO_ESCAPED_ALL = /[<>&\u2028\u2029]/g
const GO_ESCAPES: { readonly [char: string]: string } = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** One string with its quotes. A lone surrogate represents bytes that are invalid UTF-8, which Go escapes as U+FFFD. */
export function encodeGoString(text: string): string {
  if (AS_IT_STANDS.test(text)) return `"${text}"`
  if (!text.isWellFormed()) {
    const parts = text.split(/\p{Surrogate}/u).map((part) => encodeGoString(part).slice(1, -1))
    return `"${parts.join('\\ufffd')}"`
  }
  const quoted = JSON.stringify(text)
  return GO_ESCAPED.test(quoted) ? quoted.replace(GO_ESCAPED_ALL, (c) => GO_ESCAPES[c] ?? c) : quoted
}

/**
 * Compares by UTF-8 bytes, which is how Go orders strings. UTF-16 order differs only between a surrogate pair (U+10000
 * and up) and U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) {
      const xHigh = x >= 0xd800 && x <= 0xdfff
      const yHigh = y >= 0xd800 && y <= 0xdfff
      if (xHigh !== yHigh) return xHigh ? 1 : y < 0xd800 ? x - y : -1
      return x - y
    }
  }
  return a.length - b.length
}
