/**
 * Prepares a string or bytes for the scanner: encoding, byte order mark, size, and characters that YAML 1.1 does not
 * allow.
 */
import { JsonError, positionAt } from '../error.ts'

export interface YamlInput {
  /** Without byte order mark, truncated before the first character that is not allowed. */
  readonly text: string
  /**
   * The reason for truncating `text`. Go notices it only if it reads that far, which for the first document it may not.
   */
  readonly problem: JsonError | undefined
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

export function readInput(
  input: string | Uint8Array,
  source: string | undefined,
  maxBytes: number,
): YamlInput {
  const at = source === undefined ? {} : { source }
  if (input.length > maxBytes) {
    throw new JsonError('yaml-too-large', `YAML text of ${input.length} bytes; the limit is ${maxBytes}`, at)
  }
  const decoded = typeof input === 'string' ? input : decode(input)
  const text = decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded
  const badCharacter = text.search(FORBIDDEN)
  const badSurrogate = text.isWellFormed() ? -1 : text.search(/\p{Surrogate}/u)
  const bad = Math.min(badCharacter < 0 ? Infinity : badCharacter, badSurrogate < 0 ? Infinity : badSurrogate)
  if (bad === Infinity) return { text, problem: undefined }
  const where = positionAt(text, bad)
  const code = text.charCodeAt(bad)
  const found =
    code >= 0xd800 && code <= 0xdfff
      ? 'text that is not UTF-8'
      : `the control character U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  const message = `invalid YAML at line ${where.line}, column ${where.column}: ${found}; write it as an escape in double quotes`
  return { text: text.slice(0, bad), problem: new JsonError('yaml-syntax', message, { ...at, ...where }) }
}

/** UTF-8, or UTF-16 if a byte order mark says so. Invalid bytes become a lone surrogate, which is detected later. */
function decode(bytes: Uint8Array): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe
  if (isLittle || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    const encoding = isLittle ? 'utf-16le' : 'utf-16be'
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      return '\ud800'
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return cutAtInvalid(bytes)
  }
}

/** The text up to the first invalid UTF-8, with a lone surrogate in its place. */
function cutAtInvalid(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const encoder = new TextEncoder()
  let offset = 0
  for (const char of text) {
    const expected = encoder.encode(char)
    if (!expected.every((byte, i) => bytes[offset + i] === byte)) break
    offset += expected.length
  }
  return `${new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, offset))}\ud800`
}
