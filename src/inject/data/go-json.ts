/**
 * What Go's json.Marshal writes of a template value: maps sorted, structs in the order of their fields without what
 * omitempty drops (their backing has dropped it already), messages as protobuf's JSON.
 */
import {
  type Budget,
  GoFunctionError,
  type GoType,
  type GoValue,
  isGoList,
  isGoMap,
  MapValue,
  mapGet,
  mapKeys,
  PointerValue,
  readField,
  ScalarValue,
  SliceValue,
  StructValue,
  wrap,
} from '../../gotemplate/index.ts'
import { protoToJson } from '../../istio/index.ts'
import { compareUtf8, encodeGoJson, encodeGoString, own } from '../../json/index.ts'
import type { ProtoTypes } from './proto-types.ts'

/**
 * A dict that contains itself, which only a template can make, ends at the budget's depth; its steps are charged.
 * @throws GoFunctionError for what has no JSON form, as Go's function returns an error
 */
export function goJson(value: GoValue, types: ProtoTypes, budget: Budget, depth = 0): string {
  budget.step()
  if (depth > budget.maxDepth) throw new GoFunctionError('json: the value is nested too deep')
  const message = types.messageOf(value)
  if (message !== undefined) return protoToJson(types.schema, message.name, message.message)
  const inner = (item: GoValue): string => goJson(item, types, budget, depth + 1)
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object') return encodeGoJson(value)
  if (value instanceof ScalarValue) return inner(value.value)
  if (value instanceof PointerValue) return inner(value.target)
  if (value instanceof StructValue) return struct(value, inner)
  if (value instanceof SliceValue) {
    return value.backing === undefined ? 'null' : list(value.backing, inner, value.type.elem)
  }
  if (isGoList(value)) return list(value, inner)
  if (value instanceof MapValue && value.backing === undefined) return 'null'
  if (value instanceof MapValue || isGoMap(value)) {
    const keys = mapKeys(value).map((key) => [String(key), key] as const)
    keys.sort(([a], [b]) => compareUtf8(a, b))
    return `{${keys.map(([text, key]) => `${encodeGoString(text)}:${inner(mapGet(value, key))}`).join(',')}}`
  }
  throw new GoFunctionError(`json: unsupported type: ${value.type.name}`)
}

function list(items: readonly unknown[], inner: (item: GoValue) => string, elem?: GoType): string {
  // Without a type of their own the items of a list are values already.
  const texts = items.map((item) => inner(elem === undefined ? (item as GoValue) : wrap(elem, item)))
  return `[${texts.join(',')}]`
}

function struct(value: StructValue, inner: (item: GoValue) => string): string {
  return `{${members(value, inner).join(',')}}`
}

function members(value: StructValue, inner: (item: GoValue) => string): readonly string[] {
  const { backing } = value
  return value.type.fields.flatMap((field) => {
    const key = field.json ?? field.name
    if (field.embedded === true && key === '') {
      const embedded = readField(value, field)
      return embedded instanceof StructValue ? members(embedded, inner) : []
    }
    // Typed JSON has every field that Go writes; the rest is what omitempty drops.
    if (backing === undefined || own(backing, key) === undefined) return []
    const raw = backing[key]
    // A form of its own (quantity, port) stands in the backing as it is written.
    const text =
      field.read === undefined
        ? inner(readField(value, field))
        : encodeGoJson(raw === null ? null : toScalar(raw))
    return [`${encodeGoString(key)}:${text}`]
  })
}

function toScalar(raw: unknown): string | number | boolean {
  return typeof raw === 'number' || typeof raw === 'boolean' ? raw : String(raw)
}
