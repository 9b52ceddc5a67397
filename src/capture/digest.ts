/**
 * Two kinds of digests. Those of redacted texts are salted: equal texts are equal within one capture, and guesses
 * cannot be tested against them. Those of patches are not salted, so that any Remora can compute them again.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { isObject, type JsonValue } from '../json/index.ts'

const PREFIX = 'redacted-'

/** Turns texts into digests. The salt is generated here, never written, and discarded with the object. */
export class Redactor {
  readonly #salt = randomBytes(32)

  /** `redacted-` and 16 hexadecimal digits. The empty string stays empty. */
  redact(text: string): string {
    if (text === '') return ''
    return PREFIX + createHmac('sha256', this.#salt).update(text).digest('hex').slice(0, 16)
  }

  /** An id for content that must not be guessed. */
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
