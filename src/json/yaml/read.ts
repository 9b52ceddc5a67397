/**
 * Reads YAML as sigs.k8s.io/yaml v1.3 to v1.6 (with go-yaml v2) does: YAML 1.1 booleans and octals, the last of
 * duplicate keys wins, only the first document counts, and what follows it is ignored. JSON text is read by YAML's
 * rules as well.
 */
import { encodeGoJson } from '../encode-go-json.ts'
import { JsonError } from '../error.ts'
import { type MutableJson, setOwn } from '../value.ts'
import { DocumentReader, type ReadOptions } from './documents.ts'
import { formatFloat32 } from './float-text.ts'
import type { YamlLimits } from './limits.ts'
import type { MutableWide } from './node-composer.ts'

export interface ParseYamlOptions {
  /** Named in errors: the file, annotation or ConfigMap key. */
  readonly source?: string
  /** A limit that is not given has its default (DEFAULT_YAML_LIMITS). */
  readonly limits?: Partial<YamlLimits>
  /** Called for each scalar value with the first character of its text (a quote, `|` or `>` for those forms). */
  readonly onScalar?: (value: string, begin: string) => void
  /** Called for a key that its map has already, with the lines of both, 1-based. The last one counts. */
  readonly onRepeatedKey?: ((key: string, first: number, line: number) => void) | undefined
}

export interface YamlDocument {
  readonly value: MutableJson
  /** 1-based line on which the document's content starts. */
  readonly line: number
}

/**
 * Equals yaml.Unmarshal into `any`: all numbers are float64, and a text without content is null. The value belongs to the
 * caller: aliases are copies.
 * @throws JsonError yaml-syntax, yaml-value (NaN, infinities, invalid keys and tags), yaml-too-deep, yaml-too-large,
 * yaml-aliases; with source, and line if known
 */
export function parseYaml(text: string | Uint8Array, options: ParseYamlOptions = {}): MutableJson {
  const document = new DocumentReader(text, options).next()
  return document === undefined ? null : asJson(document.value)
}

/** Equals YAMLToJSON: the exact text, with 64-bit integers. Errors as parseYaml. */
export function yamlToJson(text: string | Uint8Array, options: ParseYamlOptions = {}): string {
  return encodeGoJson(readExact(text, options) ?? null)
}

/** Every document of a stream as parseYaml reads it. A document without content (between two `---`) is null. */
export function readYamlDocuments(text: string | Uint8Array, options: ParseYamlOptions = {}): YamlDocument[] {
  const reader = new DocumentReader(text, options)
  const documents: YamlDocument[] = []
  for (let document = reader.next(); document !== undefined; document = reader.next()) {
    documents.push({ value: asJson(document.value), line: document.line })
  }
  return documents
}

/**
 * Equals yaml.Unmarshal into map[string]string: numbers and booleans become text (floats in single precision, so
 * `123456789.123` is `1.2345679e+08`), null is "". Null for a text without content.
 * @throws JsonError yaml-value if a value is a list or map, or the text is not a map; otherwise as parseYaml
 */
export function parseYamlStringMap(
  text: string | Uint8Array,
  options: ParseYamlOptions = {},
): { [key: string]: string } | null {
  const value = readExact(text, { ...options, allowNonFinite: true })
  if (value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) failType('a map of strings', value, options)
  const map: { [key: string]: string } = {}
  for (const [key, item] of Object.entries(value)) setOwn(map, key.toWellFormed(), toText(item, options))
  return map
}

/** Equals yaml.Unmarshal into []string; items as in parseYamlStringMap. */
export function parseYamlStringList(
  text: string | Uint8Array,
  options: ParseYamlOptions = {},
): string[] | null {
  const value = readExact(text, { ...options, allowNonFinite: true })
  if (value === null) return null
  if (!Array.isArray(value)) failType('a list of strings', value, options)
  return value.map((item) => toText(item, options))
}

function readExact(text: string | Uint8Array, options: ReadOptions): MutableWide {
  return new DocumentReader(text, { ...options, exact: true }).next()?.value ?? null
}

function toText(value: MutableWide, options: ParseYamlOptions): string {
  switch (typeof value) {
    case 'string':
      return value.toWellFormed()
    case 'number':
      return formatFloat32(value)
    case 'object':
      return value === null ? '' : failType('a string', value, options)
    default:
      return String(value)
  }
}

function failType(expected: string, found: MutableWide, options: ParseYamlOptions): never {
  const kind = Array.isArray(found) ? 'a list' : typeof found === 'object' ? 'a map' : `a ${typeof found}`
  const at = options.source === undefined ? {} : { source: options.source }
  throw new JsonError('yaml-value', `YAML has ${kind} where ${expected} is expected`, at)
}

/** Read without `exact`, so it contains no bigint. */
function asJson(value: MutableWide): MutableJson {
  return value as MutableJson
}
