/**
 * JSON in an annotation or variable, decoded as Go's encoding/json decodes it into structs, in what JSON.parse hides: the
 * spelling of keys and of numbers.
 */
import { type JsonObject, type JsonValue, own, parseJson, setOwn } from '../json/index.ts'
import { foldKey } from '../merge/index.ts'
import { KubeError } from './error.ts'

/** A number with a point or an exponent. It may also match within a string, which costs only a second parse. */
const WRITTEN_FLOAT = /\d[.eE]/

/**
 * The text's value, decoded. Go's integers accept `80`, but neither `80.0` nor `8e1`.
 * @param decode by Go's types; it is called twice if the text may contain such a number
 * @throws JsonError, or what `decode` throws
 */
export function decodeJsonText<T>(text: string, source: string, decode: (value: JsonValue) => T): T {
  const decoded = decode(parseJson(text, { source }))
  if (WRITTEN_FLOAT.test(text)) refuseWrittenFloats(text, decode)
  return decoded
}

/** Decodes again with a fraction in place of every such number: a field that refuses it has an integer type. */
function refuseWrittenFloats(text: string, decode: (value: JsonValue) => unknown): void {
  let changed = false
  const value: JsonValue = JSON.parse(text, (_, item: JsonValue, context?: { readonly source?: string }) => {
    if (typeof item !== 'number' || !WRITTEN_FLOAT.test(context?.source ?? '')) return item
    changed = true
    return 0.5
  })
  if (!changed) return
  try {
    decode(value)
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    const problem = 'found a number with a point or an exponent, expected an integer'
    throw new KubeError(error.code, error.reason, error.path ?? '', problem)
  }
}

/** Only the fields of these names, whatever the case of their keys; of several spellings, the last. */
export function withFields(object: JsonObject, names: readonly string[]): JsonObject {
  const known = new Map(names.map((name) => [foldKey(name), name]))
  const fields: { [name: string]: JsonValue } = {}
  for (const key of Object.keys(object)) {
    const name = known.get(foldKey(key))
    const value = own(object, key) ?? null
    if (name !== undefined) setOwn(fields, name, value)
  }
  return fields
}
