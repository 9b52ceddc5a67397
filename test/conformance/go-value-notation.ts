/**
 * Decoding the corpora's notation of typed Go values (`{"$int": 5}`, `{"$struct": "Meta", ...}`) into the
 * values of src/gotemplate. Plain JSON decodes as Go decodes into `any`.
 */
import {
  anyType,
  BytesValue,
  boolType,
  ErrorValue,
  errorType,
  type FieldSpec,
  FuncValue,
  float32Type,
  float64Type,
  funcOf,
  GoFunctionError,
  type GoType,
  type GoValue,
  int8Type,
  int16Type,
  int32Type,
  int64Type,
  intType,
  type MapKey,
  MapValue,
  type MethodSpec,
  mapOf,
  namedScalar,
  PointerValue,
  pointerTo,
  readField,
  type ScalarType,
  ScalarValue,
  SliceValue,
  StructType,
  StructValue,
  sliceOf,
  stringType,
  uint8Type,
  uint16Type,
  uint32Type,
  uint64Type,
  uintType,
  wrap,
} from '../../src/gotemplate/index.ts'

/** The parts of `types.json` (beside the cases) that are read here. */
export interface TypesFile {
  readonly structs: Readonly<
    Record<
      string,
      { goType: string; fields: readonly FieldDeclaration[]; methods?: readonly MethodDeclaration[] }
    >
  >
  readonly enums: Readonly<
    Record<string, { goType: string; kind: ScalarType['kind']; methods?: readonly MethodDeclaration[] }>
  >
}

interface FieldDeclaration {
  readonly name: string
  readonly type: string
  readonly embedded?: boolean
  readonly exported: boolean
}

interface MethodDeclaration {
  readonly name: string
  readonly receiver: 'value' | 'pointer'
  readonly type: string
  readonly does: string
}

const basics = new Map<string, GoType>([
  ['string', stringType],
  ['bool', boolType],
  ['int', intType],
  ['int8', int8Type],
  ['int16', int16Type],
  ['int32', int32Type],
  ['int64', int64Type],
  ['uint', uintType],
  ['uint8', uint8Type],
  ['uint16', uint16Type],
  ['uint32', uint32Type],
  ['uint64', uint64Type],
  ['float32', float32Type],
  ['float64', float64Type],
  ['any', anyType],
  ['error', errorType],
])

const maps = new Map<string, [GoType, GoType]>([
  ['$mapString', [stringType, stringType]],
  ['$mapStringInt', [stringType, intType]],
  ['$mapAny', [stringType, anyType]],
  ['$mapInt', [intType, stringType]],
  ['$mapBool', [boolType, stringType]],
  ['$mapFloat', [float64Type, stringType]],
])

const lists = new Map<string, GoType>([
  ['$listString', stringType],
  ['$listInt', intType],
  ['$listFloat', float64Type],
  ['$listBool', boolType],
  ['$listAny', anyType],
  ['$listMap', mapOf(stringType, anyType)],
])

/** What methods of the corpus' types do, by type and name; `promoted` ones come from the embedded struct. */
export type Methods = Readonly<Record<string, Readonly<Record<string, MethodSpec['call']>>>>

export class Notation {
  readonly #types: TypesFile | undefined
  readonly #structs = new Map<string, StructType>()
  readonly #enums = new Map<string, ScalarType>()

  constructor(types?: TypesFile) {
    this.#types = types
  }

  decode(json: unknown): GoValue {
    if (Array.isArray(json)) return json.map((item) => this.decode(item))
    if (typeof json !== 'object' || json === null) return json as GoValue
    const keys = Object.keys(json)
    const [key] = keys
    if (key?.startsWith('$')) {
      const entries = json as Readonly<Record<string, unknown>>
      return this.#typed(key, entries[key], entries)
    }
    return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, this.decode(value)]))
  }

  /** A type by the name that `types.json` uses. */
  type(name: string): GoType {
    const basic = basics.get(name)
    if (basic !== undefined) return basic
    if (name.startsWith('*')) return pointerTo(this.type(name.slice(1)))
    if (name.startsWith('[]')) return sliceOf(this.type(name.slice(2)))
    const map = /^map\[(\w+)\](.*)$/.exec(name)
    if (map !== null) return mapOf(this.type(map[1] ?? ''), this.type(map[2] ?? ''))
    if (name.startsWith('func(')) return signature(name)
    return this.#named(name.replace(/^model\./, ''))
  }

  #named(name: string): GoType {
    const declared = this.#types?.enums[name]
    if (declared !== undefined) {
      let type = this.#enums.get(name)
      if (type === undefined) {
        const own = (declared.methods ?? []).map((method) => this.#method(name, method))
        type = namedScalar(declared.goType, declared.kind, own)
        this.#enums.set(name, type)
      }
      return type
    }
    return this.struct(name)
  }

  struct(name: string): StructType {
    let type = this.#structs.get(name)
    if (type === undefined) {
      const declared = this.#types?.structs[name]
      if (declared === undefined) throw new Error(`types.json has no struct ${name}`)
      type = new StructType(
        declared.goType,
        () => declared.fields.map((field) => this.#field(field)),
        () =>
          (declared.methods ?? [])
            .filter((method) => !method.does.startsWith('promoted'))
            .map((method) => this.#method(name, method)),
      )
      this.#structs.set(name, type)
    }
    return type
  }

  #field(field: FieldDeclaration): FieldSpec {
    return {
      name: field.name,
      type: this.type(field.type),
      ...(field.embedded === true ? { embedded: true } : {}),
      ...(field.exported ? {} : { unexported: true }),
    }
  }

  #method(owner: string, declared: MethodDeclaration): MethodSpec {
    const type = this.type(declared.type)
    const call = methods[owner]?.[declared.name]
    if (type.kind !== 'func' || call === undefined)
      throw new Error(`unknown method ${owner}.${declared.name}`)
    const { params, variadic } = type
    return {
      name: declared.name,
      receiver: declared.receiver,
      params,
      variadic,
      returns: type.results[0] ?? anyType,
      call,
    }
  }

  #typed(key: string, value: unknown, entries: Readonly<Record<string, unknown>>): GoValue {
    const scalar = /^\$(u?int|float)\d*$/.test(key) ? basics.get(key.slice(1)) : undefined
    if (scalar !== undefined) return wrap(scalar, numberOf(scalar, value))
    const map = maps.get(key)
    if (map !== undefined) return this.#map(...map, value)
    const list = lists.get(key)
    if (list !== undefined) return this.#list(list, value)
    switch (key) {
      case '$bytes':
        return new BytesValue(Buffer.from(String(value)))
      case '$error':
        return new ErrorValue(String(value))
      case '$ptr': {
        const target = this.decode(value)
        const inner =
          target instanceof StructValue ? new StructValue(target.type, target.backing, true) : target
        return new PointerValue(pointerTo(typeOfTarget(inner)), inner)
      }
      case '$nilPtr':
        return new PointerValue(pointerTo(this.type(String(value))), undefined)
      case '$struct':
        return this.#structValue(this.struct(String(value)), entries['fields'])
      case '$enum':
        return wrap(this.#named(String(value)), entries['value'])
      case '$func':
        return dataFunctions.get(String(value))
    }
    throw new Error(`unknown notation ${key}`)
  }

  #map(key: GoType, elem: GoType, value: unknown): GoValue {
    const type = mapOf(key, elem)
    if (value === null) return new MapValue(type, undefined)
    const entries = Object.entries(value as Readonly<Record<string, unknown>>)
    const decoded = new Map<MapKey, GoValue>(
      entries.map(([name, item]) => [keyOf(key, name), wrap(elem, this.decode(item))]),
    )
    if (key !== stringType) return new MapValue(type, decoded)
    return wrap(type, Object.fromEntries(decoded))
  }

  #list(elem: GoType, value: unknown): GoValue {
    if (!Array.isArray(value)) return new SliceValue(sliceOf(elem), undefined)
    return wrap(
      sliceOf(elem),
      value.map((item) => wrap(elem, this.decode(item))),
    )
  }

  #structValue(type: StructType, fields: unknown): StructValue {
    const given = (fields ?? {}) as Readonly<Record<string, unknown>>
    const backing = Object.entries(given).map(([name, item]) => {
      const field = type.fields.find((candidate) => candidate.name === name)
      return [name, field === undefined ? undefined : this.#fieldValue(field.type, item)] as const
    })
    return new StructValue(type, Object.fromEntries(backing))
  }

  /** Plain JSON takes the field's type; notation may stand at any depth. */
  #fieldValue(type: GoType, item: unknown): unknown {
    if (typeof item !== 'object' || item === null) return item
    if (Array.isArray(item)) {
      return item.map((element) =>
        type.kind === 'slice' ? this.#fieldValue(type.elem, element) : this.decode(element),
      )
    }
    if (Object.keys(item)[0]?.startsWith('$')) return this.decode(item)
    if (type.kind === 'ptr') return this.#fieldValue(type.elem, item)
    if (type.kind === 'struct') return this.#structValue(type, item)
    return this.decode(item)
  }
}

function typeOfTarget(value: GoValue): GoType {
  if (typeof value === 'object' && value !== null && 'type' in value) return (value as { type: GoType }).type
  if (typeof value === 'string') return stringType
  if (typeof value === 'number') return float64Type
  if (typeof value === 'bigint') return intType
  if (typeof value === 'boolean') return boolType
  return Array.isArray(value) ? sliceOf(anyType) : mapOf(stringType, anyType)
}

function keyOf(type: GoType, name: string): MapKey {
  if (type === intType) return BigInt(name)
  if (type === boolType) return name === 'true'
  if (type === float64Type) return floatOf(name)
  return name
}

function floatOf(value: unknown): number {
  if (value === '+Inf') return Infinity
  return value === '-Inf' ? -Infinity : Number(value)
}

function numberOf(type: GoType, value: unknown): unknown {
  if (type.kind === 'float32' || type.kind === 'float64') return floatOf(value)
  return typeof value === 'string' && type.kind !== 'string' ? BigInt(value) : value
}

/** `func(string, ...string) (string, error)`. */
function signature(text: string): GoType {
  const match = /^func\(([^)]*)\) ?\(?([^)]*)\)?$/.exec(text)
  const bare = new Notation()
  const names = (match?.[1] ?? '').split(', ').filter((name) => name !== '')
  const results = (match?.[2] ?? '').split(', ').filter((name) => name !== '')
  const params = names.map((name) => lazy(bare, name.replace(/^\.\.\./, '')))
  return funcOf(
    params,
    results.map((name) => lazy(bare, name)),
    names.some((name) => name.startsWith('...')),
  )
}

/** Structs occur only as results of methods in the corpus, so `any` is sufficient for them. */
function lazy(notation: Notation, name: string): GoType {
  return name.includes('model.') ? anyType : notation.type(name)
}

/** A field of a receiver; undefined for a nil one. */
function field(receiver: GoValue, name: string): GoValue {
  if (!(receiver instanceof StructValue)) return undefined
  const spec = receiver.type.fields.find((candidate) => candidate.name === name)
  return spec === undefined ? undefined : readField(receiver, spec)
}

function text(value: GoValue): string {
  return typeof value === 'string' ? value : ''
}

const modeNames = ['REDIRECT', 'TPROXY', 'NONE']

const methods: Methods = {
  Mode: {
    String: (mode) => (mode instanceof ScalarValue ? (modeNames[Number(mode.value)] ?? 'UNKNOWN') : ''),
  },
  Meta: {
    Crash: () => {
      throw new GoFunctionError('meta crashed')
    },
    Fail: () => {
      throw new GoFunctionError('meta failed')
    },
    FullName: (meta) => `${text(field(meta, 'Namespace'))}/${text(field(meta, 'Name'))}`,
    GetName: (meta) => text(field(meta, 'Name')),
    Join: (meta, [separator, ...parts]) =>
      [text(field(meta, 'Name')), ...parts.map(text)].join(text(separator)),
    Label: (meta, [key]) => {
      const labels = field(meta, 'Labels')
      if (!(labels instanceof MapValue) || labels.backing === undefined) return ''
      return text((labels.backing as Readonly<Record<string, GoValue>>)[text(key)])
    },
    Older: (meta, [than]) => {
      const generation = field(meta, 'Generation')
      const limit = than instanceof ScalarValue ? than.value : 0n
      return generation instanceof ScalarValue && generation.value > limit
    },
  },
  BoolValue: { GetValue: (value) => field(value, 'Value') ?? false },
  Int32Value: { GetValue: (value) => field(value, 'Value') ?? wrap(int32Type, 0) },
  ProxyConfig: {
    GetProxyMetadata: (config) =>
      field(config, 'ProxyMetadata') ?? new MapValue(mapOf(stringType, stringType), undefined),
    GetStatusPort: (config) => field(config, 'StatusPort') ?? wrap(int32Type, 0),
    GetTracing: (config) => field(config, 'Tracing') ?? nilOf(config, 'Tracing'),
  },
  Tracing: {
    GetSampling: (tracing) => field(tracing, 'Sampling') ?? 0,
    GetTlsSettings: (tracing) => field(tracing, 'TlsSettings') ?? nilOf(tracing, 'TlsSettings'),
  },
  TlsSettings: {
    GetCaCertificates: (settings) => text(field(settings, 'CaCertificates')),
    GetMode: (settings) => field(settings, 'Mode') ?? wrap(corpusType('model.Mode'), 0),
  },
}

/** A nil pointer's getter gives a nil pointer of a type that has getters too. */
function nilOf(_receiver: GoValue, name: string): GoValue {
  return new PointerValue(pointerTo(corpusType(`model.${name}`)), undefined)
}

let corpusType: (name: string) => GoType = () => {
  throw new Error('no types.json was read')
}

/** The notation with the types of that file. */
export function notationFor(types: TypesFile): Notation {
  const notation = new Notation(types)
  corpusType = (name) => notation.type(name)
  return notation
}

const fn = (type: string, call: FuncValue['call']): FuncValue => {
  const parsed = signature(type)
  if (parsed.kind !== 'func') throw new Error(`no function type: ${type}`)
  return new FuncValue(parsed, call)
}

const dataFunctions: ReadonlyMap<string, FuncValue> = new Map([
  [
    'fails',
    fn('func() (string, error)', () => {
      throw new GoFunctionError('data function failed')
    }),
  ],
  [
    'joinAll',
    fn('func(string, ...string) string', ([separator, ...parts]) => parts.map(text).join(text(separator))),
  ],
  ['none', fn('func() string', () => 'none')],
  ['sum', fn('func(int, int) int', ([a, b]) => BigInt(a as bigint) + BigInt(b as bigint))],
  ['two', fn('func() (string, string)', () => '')],
  ['upper', fn('func(string) string', ([value]) => text(value).toUpperCase())],
  ['voids', fn('func()', () => undefined)],
])
