/** Functions on map[string]string: isset, toJSON, omit, strdict, mergeMaps, toJsonMap. */
import {
  boolType,
  type FunctionContext,
  type FunctionSpec,
  type GoValue,
  type MapKey,
  MapValue,
  mapGet,
  mapKeys,
  stringMapType,
  stringType,
} from '../../gotemplate/index.ts'
import { compareUtf8, encodeGoString } from '../../json/index.ts'

/** The entries of a map[string]string argument; a nil map has none. */
export function entriesOf(value: GoValue, context: FunctionContext): readonly (readonly [string, string])[] {
  if (!(value instanceof MapValue)) return []
  const keys = mapKeys(value)
  context.budget.charge(keys.length)
  return keys.map((key) => [String(key), text(mapGet(value, key))])
}

function text(value: GoValue): string {
  return typeof value === 'string' ? value : ''
}

function stringMap(entries: Iterable<readonly [string, string]>): MapValue {
  return new MapValue(stringMapType, new Map<MapKey, GoValue>(entries))
}

/** A map as JSON, its keys in byte order. */
function jsonOf(entries: readonly (readonly [string, string])[], context: FunctionContext): string {
  const sorted = [...entries].sort(([a], [b]) => compareUtf8(a, b))
  const json = `{${sorted.map(([key, value]) => `${encodeGoString(key)}:${encodeGoString(value)}`).join(',')}}`
  context.budget.allocate(json.length)
  return json
}

/** Whether the key exists, whatever its value. */
export const isset: FunctionSpec = {
  params: [stringMapType, stringType],
  returns: boolType,
  call: ([map, key]) => map instanceof MapValue && mapGet(map, text(key)) !== undefined,
}

/** `{}` of a nil map. */
export const toJSON: FunctionSpec = {
  params: [stringMapType],
  returns: stringType,
  call: ([map], context) => jsonOf(entriesOf(map, context), context),
}

/** The map without the given keys. */
export const omit: FunctionSpec = {
  params: [stringMapType, stringType],
  variadic: true,
  returns: stringMapType,
  call: ([map, ...keys], context) => {
    const left = new Set(keys)
    return stringMap(entriesOf(map, context).filter(([key]) => !left.has(key)))
  },
}

/** Alternating keys and values; a last key without a value gets "". */
export const strdict: FunctionSpec = {
  params: [stringType],
  variadic: true,
  returns: stringMapType,
  call: (args, context) => {
    context.budget.charge(args.length)
    const dict = new Map<string, string>()
    for (let i = 0; i < args.length; i += 2) dict.set(text(args[i]), text(args[i + 1]))
    return stringMap(dict)
  },
}

/** Later maps win; without maps the result is nil. */
export const mergeMaps: FunctionSpec = {
  params: [stringMapType],
  variadic: true,
  returns: stringMapType,
  call: (maps, context) =>
    maps.length === 0
      ? new MapValue(stringMapType, undefined)
      : stringMap(new Map(maps.flatMap((map) => entriesOf(map, context)))),
}

/** The merged maps as JSON: `null` without maps. */
export const toJsonMap: FunctionSpec = {
  params: [stringMapType],
  variadic: true,
  returns: stringType,
  call: (maps, context) => {
    if (maps.length === 0) return 'null'
    return jsonOf([...new Map(maps.flatMap((map) => entriesOf(map, context)))], context)
  },
}
