/**
 * JSON text to value, with limits and positions. The engine's JSON.parse does the work; this file owns what it
 * lacks: size and depth limits, an error with line and column, and Go's reading of broken surrogates and of
 * numbers out of range (golang encoding/json: U+FFFD, and an error).
 */
import { JsonError, positionAt } from './error.ts'
import { locateJsonError } from './locate-json-error.ts'
import { type MutableJson, type MutableJsonObject, setOwn } from './value.ts'

/** Go's own decoder stops at 10000; no Kubernetes object or Istio configuration comes near 500. */
const JSON_MAX_DEPTH = 500
/** In UTF-16 units, so at most three times as many bytes. Above the API server's own request limit (3 MiB). */
export const JSON_MAX_LENGTH = 8 * 1024 * 1024

export interface ParseJsonOptions {
  /** Named in errors: the file, annotation or ConfigMap key. */
  readonly source?: string
  /** Levels of objects and lists; default JSON_MAX_DEPTH. */
  readonly maxDepth?: number
  /** Characters of text (UTF-16 units; equal to bytes for ASCII); default JSON_MAX_LENGTH. */
  readonly maxBytes?: number
}

/** @throws JsonError json-syntax, json-too-deep, json-too-large, json-number-range */
export function parseJson(text: string, options: ParseJsonOptions = {}): MutableJson {
  const at = options.source === undefined ? {} : { source: options.source }
  const maxBytes = options.maxBytes ?? JSON_MAX_LENGTH
  if (text.length > maxBytes) {
    throw new JsonError(
      'json-too-large',
      `JSON text of ${text.length} characters; at most ${maxBytes} are read`,
      at,
    )
  }
  let value: MutableJson
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const { offset, expected } = locateJsonError(text)
    const found =
      offset >= text.length
        ? 'end of text'
        : JSON.stringify(String.fromCodePoint(text.codePointAt(offset) ?? 0))
    const where = positionAt(text, offset)
    const message = `invalid JSON at line ${where.line}, column ${where.column}: found ${found}, expected ${expected}`
    throw new JsonError('json-syntax', message, { ...at, ...where, cause })
  }
  const maxDepth = options.maxDepth ?? JSON_MAX_DEPTH
  const problem = checkValue(value, maxDepth)
  if (problem === 'depth') {
    throw new JsonError('json-too-deep', `JSON nested deeper than ${maxDepth} levels`, at)
  }
  if (problem === 'range') {
    throw new JsonError('json-number-range', 'a JSON number is outside the range of a 64-bit float', at)
  }
  return hasBrokenSurrogates(text) ? mendSurrogates(value) : value
}

function checkValue(value: MutableJson, levels: number): 'depth' | 'range' | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'range'
  if (typeof value !== 'object' || value === null) return undefined
  if (levels === 0) return 'depth'
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const problem = checkValue(item, levels - 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function hasBrokenSurrogates(text: string): boolean {
  return !text.isWellFormed() || (text.includes('\\u') && /\\u[dD][89a-fA-F]/.test(text))
}

function mendSurrogates(value: MutableJson): MutableJson {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(mendSurrogates)
  const mended: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) setOwn(mended, key.toWellFormed(), mendSurrogates(item))
  return mended
}
