/**
 * The JSON that Go's json.Marshal writes for a template value: maps sorted, structs in the order of their fields
 * without what omitempty drops (their backing data lacks it already), messages as protobuf's JSON.
 */
import {
  AppendedList,
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
 * A dict that contains itself, which only a template can create, fails at the budget's depth; its steps are charged.
 * @throws GoFunctionError for what JSON cannot represent, as Go's function returns an error
 */
export function goJson(value: GoValue, types: ProtoTypes, budget: Budget, depth = 0): string {
  budget.step()
  if (depth > budget.maxDepth) throw new GoFunctionError('json: the value is nested too deep')
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object') return encodeGoJson(value)
  const message = types.messageOf(value)
  if (message !== undefined) return protoToJson(types.schema, message.name, message.message)
  const inner = (item: GoValue): string => goJson(item, types, budget, depth + 1)
  if (value instanceof ScalarValue) return inner(value.value)
  if (value instanceof PointerValue) return inner(value.target)
  if (value instanceof StructValue) return struct(value, inner)
  if (value instanceof AppendedList) return list(value.values, inner)
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
  // Without a type the items of a list are template values already.
  const texts = items.map((item) => inner(elem === undefined ? (item as GoValue) : wrap(elem, item)))
  return `[${texts.join(',')}]`
}

function struct(value: StructValue, inner: (item: GoValue) => string): string {
  return `{${members(value, inner)}}`
}

function members(value: StructValue, inner: (item: GoValue) => string): string {
  const { backing } = value
  let text = ''
  for (const { field, key, begin } of value.type.jsonMembers) {
    let member = ''
    if (field.embedded === true && key === '') {
      const embedded = readField(value, field)
      if (embedded instanceof StructValue) member = members(embedded, inner)
    } else {
      // Typed JSON has every field that Go writes; missing ones are dropped by omitempty.
      const raw = own(backing, key)
      if (raw === undefined) continue
      // Types with a special form (quantity, port) are stored as they are written.
      member =
        field.read === undefined
          ? begin + inner(readField(value, field))
          : begin + encodeGoJson(raw === null ? null : toScalar(raw))
    }
    if (member !== '') text += text === '' ? member : `,${member}`
  }
  return text
}

function toScalar(raw: unknown): string | number | boolean {
  return typeof raw === 'number' || typeof raw === 'boolean' ? raw : String(raw)
}
