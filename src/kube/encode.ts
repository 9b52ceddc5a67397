/**
 * The JSON text of a decoded value, as Go's json.Marshal writes it. Needs the schema, because JavaScript objects cannot
 * keep the byte order of keys that look like numbers ("10" before "9" in a Go map).
 */
import {
  compareUtf8,
  encodeGoJson,
  encodeGoString,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  own,
} from '../json/index.ts'
import type { FieldType } from '../merge/index.ts'
import type { CodecStruct } from './codec-table.ts'

/** `value` comes from decodeStruct with the same struct. */
export function encodeStruct(struct: CodecStruct, value: JsonObject): string {
  let text = '{'
  for (const field of struct.fields) {
    const item = own(value, field.schema.name)
    if (item === undefined) continue
    text += `${text.length === 1 ? '' : ','}"${field.schema.name}":${encodeValue(field.type, field.struct, item)}`
  }
  return `${text}}`
}

function encodeValue(type: FieldType, struct: CodecStruct | undefined, value: JsonValue): string {
  if (value === null) return 'null'
  switch (type.kind) {
    case 'struct':
      // The table has a struct for every struct type, and decoding made an object of it. The same holds below.
      return encodeStruct(struct as CodecStruct, value as JsonObject)
    case 'list':
      return `[${(value as JsonArray).map((item) => encodeValue(type.elem, struct, item)).join(',')}]`
    case 'map': {
      const map = value as JsonObject
      const keys = Object.keys(map).sort(compareUtf8)
      const entries = keys.map(
        (key) => `${encodeGoString(key)}:${encodeValue(type.elem, struct, map[key] as JsonValue)}`,
      )
      return `{${entries.join(',')}}`
    }
    default:
      return encodeGoJson(value, { sortKeys: false })
  }
}
