/** A value of many Go types, as the table typed-data.cases.jsonl reads it: an order of a shop. */
import {
  anyType,
  BytesValue,
  boolType,
  bytesType,
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
  int64Type,
  intType,
  isGoMap,
  MapValue,
  type MethodSpec,
  mapOf,
  mapSize,
  namedScalar,
  PointerValue,
  pointerTo,
  ScalarValue,
  StructType,
  StructValue,
  sliceOf,
  stringerType,
  stringMapType,
  stringType,
  uint8Type,
  uint16Type,
  uint64Type,
} from '../../../src/gotemplate/index.ts'

function method(
  name: string,
  receiver: 'value' | 'pointer',
  params: readonly GoType[],
  returns: GoType,
  call: MethodSpec['call'],
): MethodSpec {
  return { name, receiver, params, returns, call }
}

function show(value: GoValue): string {
  return String(value instanceof ScalarValue ? value.value : value)
}

/** A field of the receiver, as the backing has it. */
function read(receiver: GoValue, key: string): string {
  return receiver instanceof StructValue ? String(receiver.backing?.[key]) : ''
}

const levelName = (value: GoValue): string => (show(value) === '1' ? 'low' : `level${show(value)}`)
const level = namedScalar('shop.Level', 'int32', [method('String', 'value', [], stringType, levelName)])
const code = namedScalar('shop.Code', 'string')
const grade = namedScalar('shop.Grade', 'float32')
const flag = namedScalar('shop.Flag', 'bool')
const tags = mapOf(stringType, stringType, 'shop.Tags')
const names = sliceOf(stringType, 'shop.Names')

const base: StructType = new StructType(
  'shop.Base',
  () => [
    { name: 'ID', type: int64Type },
    { name: 'note', type: stringType, unexported: true },
  ],
  () => [
    method('Label', 'value', [], stringType, (self) => `base-${read(self, 'ID')}`),
    method('Touch', 'pointer', [], stringType, (self) => `touched-${read(self, 'ID')}`),
  ],
)
const extra: StructType = new StructType(
  'shop.Extra',
  () => [{ name: 'Depth', type: intType }],
  () => [method('Deep', 'value', [], stringType, (self) => `deep-${read(self, 'Depth')}`)],
)
const item: StructType = new StructType(
  'shop.Item',
  () => [
    { name: 'Port', type: uint16Type },
    { name: 'Ratio', type: float32Type },
    { name: 'Tags', type: tags, json: 'tags', omitEmpty: true },
  ],
  () => [
    method('String', 'pointer', [], stringType, (self) =>
      self === undefined ? 'noitem' : `item:${read(self, 'Port')}`,
    ),
    method('Touch', 'pointer', [], stringType, (self) =>
      self === undefined ? 'nil item' : `item-${read(self, 'Port')}`,
    ),
    method('Shown', 'value', [], stringType, (self) => `shown-${read(self, 'Port')}`),
  ],
)
const point = new StructType('shop.Point', () => [
  { name: 'X', type: intType },
  { name: 'Y', type: intType },
])

const nothing = funcOf([], [])
const fields: readonly FieldSpec[] = [
  { name: 'Base', type: base, embedded: true, json: '' },
  { name: 'Extra', type: pointerTo(extra), embedded: true },
  { name: 'Name', type: stringType, json: 'name' },
  { name: 'Level', type: level },
  { name: 'Code', type: code },
  { name: 'Grade', type: grade },
  { name: 'Flag', type: flag },
  { name: 'Tags', type: tags },
  { name: 'Names', type: names },
  { name: 'Raw', type: bytesType },
  { name: 'Item', type: item },
  { name: 'Ptr', type: pointerTo(item) },
  { name: 'NilPtr', type: pointerTo(item) },
  { name: 'Any', type: anyType },
  { name: 'NilAny', type: anyType },
  { name: 'Err', type: errorType },
  { name: 'NilErr', type: errorType },
  { name: 'Str', type: stringerType },
  { name: 'Fn', type: funcOf([stringType, intType], [stringType]) },
  { name: 'Rest', type: funcOf([stringType, intType], [stringType], true) },
  { name: 'NilFn', type: funcOf([], [stringType]) },
  { name: 'Pair', type: funcOf([], [stringType, errorType]) },
  { name: 'BadPair', type: funcOf([], [stringType, stringType]) },
  { name: 'None', type: nothing },
  { name: 'Counts', type: mapOf(intType, stringType) },
  { name: 'Flags', type: mapOf(boolType, intType) },
  { name: 'Weights', type: mapOf(float64Type, stringType) },
  { name: 'Matrix', type: sliceOf(sliceOf(intType)) },
  { name: 'Big', type: uint64Type },
  { name: 'NilMap', type: mapOf(stringType, intType) },
  { name: 'NilList', type: sliceOf(stringType) },
  { name: 'Items', type: sliceOf(item) },
  { name: 'ByName', type: mapOf(stringType, item) },
  { name: 'At', type: point },
  { name: 'Ptrs', type: sliceOf(pointerTo(item)) },
  { name: 'hidden', type: intType, unexported: true },
]

function sum(numbers: readonly GoValue[]): bigint {
  return numbers.reduce((total: bigint, value) => total + (typeof value === 'bigint' ? value : 0n), 0n)
}

function fail(message: string, panicked: boolean): never {
  throw new GoFunctionError(message, panicked)
}

const order: StructType = new StructType(
  'shop.Order',
  () => fields,
  () => [
    method(
      'Hello',
      'value',
      [stringType],
      stringType,
      (self, [who]) => `hello ${show(who)} from ${read(self, 'name')}`,
    ),
    { ...method('Sum', 'pointer', [intType, intType], intType, (_, args) => sum(args)), variadic: true },
    method('Fails', 'value', [], stringType, () => fail('it failed', false)),
    method('Panics', 'value', [], stringType, () => fail('boom', true)),
    method(
      'Take',
      'value',
      [item],
      uint16Type,
      (_, [given]) => new ScalarValue(uint16Type, BigInt(read(given, 'Port'))),
    ),
    method('TakePtr', 'value', [pointerTo(item)], stringType, (_, [given]) =>
      given instanceof PointerValue && given.target !== undefined
        ? `item:${read(given.target, 'Port')}`
        : 'noitem',
    ),
    method('Lvl', 'value', [level], stringType, (_, [given]) => levelName(given)),
    method('U8', 'value', [uint8Type], uint8Type, (_, [given]) => given),
    method('F', 'value', [float64Type], float64Type, (_, [given]) => given),
    method('B', 'value', [boolType], boolType, (_, [given]) => given),
    method('TakeMap', 'value', [stringMapType], intType, (_, [given]) =>
      BigInt(given instanceof MapValue || isGoMap(given) ? mapSize(given) : 0),
    ),
    method('TakeErr', 'value', [errorType], stringType, (_, [given]) =>
      given instanceof ErrorValue ? given.message : 'none',
    ),
  ],
)

function fn(name: string, call: FuncValue['call']): FuncValue {
  const type = fields.find((field) => field.name === name)?.type
  return new FuncValue(type?.kind === 'func' ? type : nothing, call)
}

/** What the rows read: `o` a pointer to an order, `v` the order itself, which nothing can take the address of. */
export function typedData(): GoValue {
  const backing = {
    ID: 7,
    note: 'n',
    name: 'box',
    Level: 1,
    Code: 'c<1>',
    Grade: 1.5,
    Flag: true,
    Tags: { b: '2', a: '1' },
    Names: ['x', 'y'],
    Raw: new BytesValue(new TextEncoder().encode('hi')),
    Item: { Port: 80, Ratio: 0.1 },
    Ptr: { Port: 81, Ratio: 2, tags: { t: 'u' } },
    Any: new StructValue(item, { Port: 82 }),
    Err: new ErrorValue('bad'),
    Fn: fn('Fn', ([text, number]) => `${show(text)} ${show(number)}`.replace(' ', '')),
    Rest: fn('Rest', ([text, ...more]) => `${show(text)}${more.length}`),
    Pair: fn('Pair', () => fail('pair', false)),
    BadPair: fn('BadPair', () => ''),
    None: fn('None', () => undefined),
    Counts: new Map([
      [10n, 'ten'],
      [2n, 'two'],
    ]),
    Flags: new Map([
      [true, 1n],
      [false, 0n],
    ]),
    Weights: new Map([
      [1.5, 'w'],
      [-2, 'v'],
    ]),
    Matrix: [[1, 2], null, [3]],
    Big: '18446744073709551615',
    Items: [{ Port: 83, Ratio: 1 }],
    ByName: { k: { Port: 84, Ratio: 1 } },
    At: { X: 1, Y: 2 },
    Ptrs: [null, { Port: 85 }],
    hidden: 4,
  }
  return {
    o: new PointerValue(pointerTo(order), new StructValue(order, backing, true)),
    v: new StructValue(order, backing),
    p: new StructValue(point, { X: 1, Y: 2 }),
    lvl: new ScalarValue(level, 3n),
    nilOrder: new PointerValue(pointerTo(order), undefined),
  }
}
