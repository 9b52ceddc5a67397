/**
 * The schema table prepared for decoding: each field with its slot, its struct and what is encoded if it is unset, by
 * Go's rules of omission. The walk over values is in decode.ts.
 */
import type { JsonObject, JsonValue } from '../json/index.ts'
import { allTypes, type FieldType, findField, type SchemaField, type SchemaType } from '../merge/index.ts'

export interface CodecOptions {
  /**
   * apimachinery before v0.34 (Istio up to 1.27) writes an unset `creationTimestamp` as null, later ones leave it
   * out (the default).
   */
  readonly nullCreationTimestamp?: boolean
}

export interface CodecField {
  readonly schema: SchemaField
  readonly type: FieldType
  readonly owner: SchemaType
  /** Position in Go's order of encoding. */
  readonly slot: number
  /** For fields whose type is a struct, or a collection of structs. */
  readonly struct: CodecStruct | undefined
  /** What is written if the field was never set; undefined: nothing. */
  readonly unset: JsonValue | undefined
  /** An empty value is omitted. */
  readonly dropsEmpty: boolean
  /** The `typeof` of values that need no conversion, if any value of that type is valid. */
  readonly plain: 'string' | 'boolean' | undefined
}

export interface CodecStruct {
  readonly schema: SchemaType
  readonly fields: readonly CodecField[]
  /** Number of fields that are written even if they were never set. */
  readonly alwaysWritten: number
  /** The struct with nothing set, as Go writes it. Frozen. */
  readonly zero: JsonObject
  /** By exact name. */
  readonly byKey: ReadonlyMap<string, CodecField>
  /** For a key that is not an exact name, the field that Go chooses. */
  foldedField(key: string): CodecField | undefined
}

export type CodecTable = ReadonlyMap<string, CodecStruct>

const tables = { modern: buildTable(false), legacy: buildTable(true) }

export function codecTable(options: CodecOptions): CodecTable {
  return options.nullCreationTimestamp ? tables.legacy : tables.modern
}

/** Whether `omitempty` omits the value. Not called for pointers. */
export function isEmpty(value: JsonValue, type: FieldType): boolean {
  switch (type.kind) {
    case 'scalar':
      return value === '' || value === 0 || value === false
    case 'list':
      return Array.isArray(value) && value.length === 0
    case 'map':
      for (const _ in value as JsonObject) return false // a decoded map is an object
      return true
    default:
      return false
  }
}

function buildTable(nullCreationTimestamp: boolean): CodecTable {
  const table = new Map<string, CodecStruct>()
  for (const type of allTypes()) structOf(type)
  return table

  function structOf(schema: SchemaType): CodecStruct {
    const known = table.get(schema.name)
    if (known !== undefined) return known
    const fields = schema.fields.map((field, slot) => fieldOf(field, slot, schema))
    const bySchema = new Map(fields.map((field) => [field.schema, field]))
    const zero: { [key: string]: JsonValue } = {}
    for (const { schema, unset } of fields) if (unset !== undefined) zero[schema.name] = unset
    const built: CodecStruct = {
      schema,
      fields,
      alwaysWritten: fields.filter((field) => field.unset !== undefined).length,
      zero: Object.freeze(zero),
      byKey: new Map(fields.map((field) => [field.schema.name, field])),
      foldedField: (key) => {
        const folded = findField(schema, key)
        return folded === undefined ? undefined : bySchema.get(folded)
      },
    }
    table.set(schema.name, built)
    return built
  }

  function fieldOf(schema: SchemaField, slot: number, owner: SchemaType): CodecField {
    const { type } = schema
    const inner = type.kind === 'list' || type.kind === 'map' ? type.elem : type
    const struct = inner.kind === 'struct' ? structOf(inner.struct) : undefined
    const dropsEmpty = schema.omitEmpty && !schema.pointer
    return {
      schema,
      type,
      owner,
      slot,
      struct,
      unset: unsetForm(schema, struct),
      dropsEmpty,
      plain: plainOf(type),
    }
  }

  function unsetForm(field: SchemaField, struct: CodecStruct | undefined): JsonValue | undefined {
    const { type } = field
    const isTime = type.kind === 'special' && type.special === 'time'
    if (field.omitZero && !(isTime && nullCreationTimestamp)) return undefined
    if (field.pointer) return field.omitEmpty ? undefined : null
    // To Go a struct by value is never empty.
    if (type.kind === 'struct') return struct?.zero
    if (type.kind === 'special')
      return type.special === 'quantity' ? '0' : type.special === 'intOrString' ? 0 : null
    if (field.omitEmpty) return undefined
    return zeroValue(type)
  }
}

function plainOf(type: FieldType): CodecField['plain'] {
  if (type.kind !== 'scalar') return undefined
  return type.scalar === 'string' ? 'string' : type.scalar === 'bool' ? 'boolean' : undefined
}

function zeroValue(type: FieldType): JsonValue {
  if (type.kind !== 'scalar') return null
  return type.scalar === 'string' ? '' : type.scalar !== 'bool' ? 0 : false
}
