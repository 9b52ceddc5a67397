/**
 * Owns: digests. Two kinds: of redacted texts, salted, so that equal texts are equal within one capture and nothing can
 * be tried out against them; and of patches, unsalted, so that any Remora can compute them again.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { isObject, type JsonValue } from '../json/index.ts'

const PREFIX = 'redacted-'

/** Turns texts into digests. The salt is made here, is never written, and goes with the object. */
export class Redactor {
  readonly #salt = randomBytes(32)

  /** `redacted-` and 16 hexadecimal digits; the empty text stays empty, which says nothing. */
  redact(text: string): string {
    if (text === '') return ''
    return PREFIX + createHmac('sha256', this.#salt).update(text).digest('hex').slice(0, 16)
  }

  /** A name for something that may hold what must not be guessed. */
  nameContent(text: string): string {
    return createHmac('sha256', this.#salt).update(text).digest('hex').slice(0, 32)
  }
}

/** SHA-256 of the value as JSON with sorted keys, in hexadecimal. */
export function digestJson(value: JsonValue): string {
  return createHash('sha256').update(sortedText(value)).digest('hex')
}

function sortedText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${sortedText(item)}`)
    .join(',')}}`
}
