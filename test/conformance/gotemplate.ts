/** The corpus kind `gotemplate`: Go's text/template with Go's builtins and the corpus' own fixture functions. */
import {
  anyListType,
  anyMapType,
  anyType,
  boolType,
  type FunctionSpec,
  type FunctionTable,
  FuncValue,
  float64Type,
  formatValue,
  funcOf,
  GoFunctionError,
  type GoType,
  type GoValue,
  int32Type,
  int64Type,
  intType,
  isGoList,
  isGoMap,
  listGet,
  listLength,
  MapValue,
  mapSize,
  NilInterface,
  PointerValue,
  pointerTo,
  readField,
  ScalarValue,
  SliceValue,
  StructValue,
  sliceOf,
  stringerType,
  stringListType,
  stringMapType,
  stringType,
  typeOf,
  uint8Type,
  uint64Type,
} from '../../src/gotemplate/index.ts'
import type { Notation } from './go-value-notation.ts'
import type { Suite } from './suite.ts'
import { runTemplateCases } from './template-cases.ts'

export const suite: Suite = {
  kind: 'gotemplate',
  run: (folder, options) => runTemplateCases(folder, options, fixtureFunctions),
}

function text(value: GoValue): string {
  if (value instanceof ScalarValue) return String(value.value)
  return typeof value === 'string' ? value : String(value)
}

function length(value: GoValue): bigint {
  if (isGoList(value) || value instanceof SliceValue) return BigInt(listLength(value))
  return isGoMap(value) || value instanceof MapValue ? BigInt(mapSize(value)) : 0n
}

function nameOf(value: GoValue): string {
  const target = value instanceof PointerValue ? value.target : value
  if (!(target instanceof StructValue)) return ''
  const name = target.type.fields.find((field) => field.name === 'Name')
  return name === undefined ? '' : text(readField(target, name))
}

function goType(value: GoValue): string {
  return typeOf(value)?.name ?? '<nil>'
}

function fixtureFunctions(notation: Notation): FunctionTable {
  const define = (
    params: readonly GoType[],
    returns: GoType,
    call: FunctionSpec['call'],
    variadic = false,
  ): FunctionSpec => ({ params, returns, call, variadic })
  const prefixed = (type: GoType, prefix: string): FunctionSpec =>
    define([type], stringType, ([value]) => `${prefix}:${text(value)}`)
  const meta = notation.struct('Meta')
  return {
    fnAny: define(
      [anyType],
      stringType,
      ([value], context) => `${goType(value)}=${formatValue(value, context)}`,
    ),
    fnAnys: define([anyType], stringType, (args) => args.map(goType).join(','), true),
    fnBool: prefixed(boolType, 'b'),
    fnErr: define([stringType], stringType, ([value]) => {
      throw new GoFunctionError(text(value))
    }),
    fnFloat: define([float64Type], stringType, ([value], context) => `f:${formatValue(value, context)}`),
    fnInt: prefixed(intType, 'i'),
    fnInt32: prefixed(int32Type, 'i32'),
    fnInt64: prefixed(int64Type, 'i64'),
    fnListAny: define([anyListType], intType, ([value]) => length(value)),
    fnListString: define([stringListType], stringType, ([value]) =>
      value instanceof SliceValue
        ? Array.from({ length: listLength(value) }, (_, i) => text(listGet(value, i))).join(',')
        : '',
    ),
    fnMakeFunc: define(
      [],
      funcOf([stringType], [stringType]),
      () => new FuncValue(funcOf([stringType], [stringType]), ([value]) => text(value).toUpperCase()),
    ),
    fnMakeMap: define([], anyMapType, () => ({ b: 2n, a: 'x' })),
    fnMapAny: define([anyMapType], intType, ([value]) => length(value)),
    fnMapString: define([stringMapType], intType, ([value]) => length(value)),
    fnMeta: define([meta], stringType, ([value]) => nameOf(value)),
    fnMetaPtr: define([pointerTo(meta)], stringType, ([value]) => nameOf(value)),
    fnMode: define([notation.type('model.Mode')], stringType, ([value], context) =>
      formatValue(value, context),
    ),
    fnNil: define([], anyType, () => null),
    fnNilPtr: define([], pointerTo(meta), () => new PointerValue(pointerTo(meta), undefined)),
    fnNone: define([], stringType, () => 'none'),
    fnOk: define([stringType], stringType, ([value]) => value),
    fnPanic: define([stringType], stringType, ([value]) => {
      throw new GoFunctionError(text(value))
    }),
    fnSeq: define([intType], sliceOf(intType), ([count]) => {
      const size = typeof count === 'bigint' ? Number(count) : 0
      if (size < 0) throw new GoFunctionError('runtime error: makeslice: len out of range', true)
      return new SliceValue(
        sliceOf(intType),
        Array.from({ length: size }, (_, i) => BigInt(i)),
      )
    }),
    fnString: prefixed(stringType, 's'),
    fnStringer: define([stringerType], stringType, ([value], context) => {
      if (value instanceof NilInterface) throw new GoFunctionError('nil pointer dereference', true)
      return formatValue(value, context)
    }),
    fnTwo: define([stringType, stringType], stringType, ([a, b]) => `${text(a)}|${text(b)}`),
    fnUint64: prefixed(uint64Type, 'u64'),
    fnUint8: prefixed(uint8Type, 'u8'),
    fnVariadic: define(
      [stringType, stringType],
      stringType,
      ([separator, ...parts]) => parts.map(text).join(text(separator)),
      true,
    ),
  }
}
