/**
 * Writes YAML as sigs.k8s.io/yaml's Marshal and JSONToYAML do: `toYaml` of Istio's templates and kubectl use them. The
 * layout is in emitter.ts, the form of one string in emit-string.ts.
 */
import { encodeGoJson, type WideJson } from '../encode-go-json.ts'
import { JsonError } from '../error.ts'
import { MAX_WALK_DEPTH } from '../structure.ts'
import type { JsonValue } from '../value.ts'
import { DocumentReader } from './documents.ts'
import { Emitter } from './emitter.ts'

/**
 * Keys in natural order (`a2` before `a10`), lists not indented under their key, folding at 80 columns. Go marshals to
 * JSON and reads that as YAML before it writes, which some strings do not survive. Such strings are encoded like that
 * here, so a DEL or a key of more than 1024 characters is an error, and U+0085 becomes a space.
 * @throws JsonError json-number-range (NaN, infinities), yaml-syntax (such strings), json-too-deep
 */
export function encodeYaml(value: JsonValue | WideJson): string {
  return survivesJson(value, 0) ? emit(value, true) : jsonToYaml(encodeGoJson(value))
}

/** JSON text to YAML. Integers of 64 bits stay exact. @throws JsonError as parseYaml */
export function jsonToYaml(text: string): string {
  const limits = { maxBytes: Number.MAX_SAFE_INTEGER }
  return emit(
    new DocumentReader(text, { exact: true, allowNonFinite: true, limits }).next()?.value ?? null,
    false,
  )
}

function emit(value: WideJson, wholeIsInteger: boolean): string {
  const emitter = new Emitter(wholeIsInteger)
  emitter.emitDocument(value)
  return emitter.text
}

/** What a YAML reader refuses or folds although JSON text contains it unescaped. */
const NOT_IN_YAML = /[\x7f-\x9f\ufffe\uffff]/
/** A key is recognised only within 1024 characters; an escape turns one character into at most six. */
const SAFE_KEY_LENGTH = 170

function survivesJson(value: WideJson, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !NOT_IN_YAML.test(value)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new JsonError('json-number-range', `${value} cannot be represented in JSON`)
  }
  if (typeof value !== 'object' || value === null) return true
  if (depth > MAX_WALK_DEPTH) return false
  if (Array.isArray(value)) return value.every((item) => survivesJson(item, depth + 1))
  return Object.entries(value).every(
    ([key, item]) =>
      key.length <= SAFE_KEY_LENGTH && survivesJson(key, depth) && survivesJson(item, depth + 1),
  )
}
