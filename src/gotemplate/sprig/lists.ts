/** sprig's functions on lists. Each has a `must` variant that returns the error with which the plain one panics. */

import type { FunctionContext } from '../context.ts'
import { BuiltinError } from '../eval/call.ts'
import { indirect } from '../eval/truth.ts'
import { type FunctionSpec, type FunctionTable, GoFunctionError } from '../functions.ts'
import { compareStrings } from '../strconv/go-string.ts'
import {
  anyListType,
  anyType,
  boolType,
  type GoType,
  intType,
  sliceOf,
  stringListType,
  stringMapType,
  stringType,
} from '../types.ts'
import { AppendedList, BytesValue, type GoValue, MapValue, SliceValue } from '../values.ts'
import { toInt64 } from './cast.ts'
import { deepEqual } from './deep-equal.ts'
import { count, ofAny, ofStrings, panic, text } from './define.ts'
import { isEmptyValue } from './empty.ts'
import { itemsOrFail, kindName, listItems } from './list-items.ts'
import { untilStep } from './sequences.ts'
import { strval, textsOf } from './strval.ts'

type Fail = (message: string) => Error

/** The plain function and its `must` variant. */
function twins(
  name: string,
  make: (fail: Fail) => FunctionSpec,
  mustName = `must${name.charAt(0).toUpperCase()}${name.slice(1)}`,
): FunctionTable {
  return { [name]: make(panic), [mustName]: make((message) => new GoFunctionError(message)) }
}

function ofList(
  returns: GoType,
  verb: string,
  call: (items: readonly GoValue[], context: FunctionContext) => GoValue,
): (fail: Fail) => FunctionSpec {
  return (fail) =>
    ofAny(1, returns, ([list], context) => {
      const items = itemsOrFail(list, (kind) => fail(`Cannot ${verb} type ${kind}`))
      context.budget.charge(items.length)
      return call(items, context)
    })
}

function withItem(
  verb: string,
  call: (items: readonly GoValue[], item: GoValue) => GoValue,
): (fail: Fail) => FunctionSpec {
  return (fail) =>
    ofAny(2, anyListType, ([list, item], { budget }) => {
      const items = itemsOrFail(list, (kind) => fail(`Cannot ${verb} on type ${kind}`))
      budget.charge(items.length)
      return call(items, item)
    })
}

/** Each item costs one step, however long the list in a loop grows. */
const append = (fail: Fail): FunctionSpec =>
  ofAny(2, anyListType, ([list, item], { budget }) => {
    const longer = list instanceof AppendedList ? list.append(item, budget) : undefined
    if (longer !== undefined) return longer
    const items = itemsOrFail(list, (kind) => fail(`Cannot push on type ${kind}`))
    budget.charge(items.length)
    return new AppendedList([...items, item], budget)
  })
const nilList = (): GoValue => new SliceValue(anyListType, undefined)

const without = (fail: Fail): FunctionSpec =>
  ofAny(
    1,
    anyListType,
    ([list, ...omitted], { budget }) => {
      const items = itemsOrFail(list, (kind) => fail(`Cannot find without on type ${kind}`))
      budget.charge(items.length * (omitted.length + 1))
      return items.filter((item) => !omitted.some((omit) => deepEqual(omit, item, budget)))
    },
    true,
  )

const has = (fail: Fail): FunctionSpec =>
  ofAny(2, boolType, ([needle, list], { budget }) => {
    if (list === null) return false
    const items = itemsOrFail(list, (kind) => fail(`Cannot find has on type ${kind}`))
    return items.some((item) => deepEqual(needle, item, budget))
  })

const uniq = (fail: Fail): FunctionSpec =>
  ofAny(1, anyListType, ([list], { budget }) => {
    const items = itemsOrFail(list, (kind) => fail(`Cannot find uniq on type ${kind}`))
    const found: GoValue[] = []
    for (const item of items) if (!found.some((known) => deepEqual(known, item, budget))) found.push(item)
    return found
  })

const slice = (fail: Fail): FunctionSpec =>
  ofAny(
    1,
    anyType,
    ([list, from, to], { budget }) => {
      const items = itemsOrFail(list, (kind) => fail(`list should be type of slice or array but ${kind}`))
      budget.charge(items.length >> 2)
      if (items.length === 0) return null
      const start = from === undefined ? 0 : Number(toInt64(from))
      const end = to === undefined ? items.length : Number(toInt64(to))
      if (start < 0 || end < start || end > items.length)
        throw new BuiltinError('index-range', 'reflect.Value.Slice: slice index out of bounds')
      if (list instanceof BytesValue) return new BytesValue(list.bytes.subarray(start, end))
      if (list instanceof SliceValue) return new SliceValue(list.type, list.backing?.slice(start, end))
      return items.slice(start, end)
    },
    true,
  )

const chunk = (fail: Fail): FunctionSpec => ({
  params: [intType, anyType],
  returns: sliceOf(anyListType),
  call: ([size, list], { budget }) => {
    const items = itemsOrFail(list, (kind) => fail(`Cannot chunk type ${kind}`))
    const length = count(size)
    if (length <= 0 && items.length > 0) throw panic('runtime error: makeslice: len out of range')
    budget.charge(items.length)
    const chunks: GoValue[] = []
    for (let at = 0; at < items.length; at += length) chunks.push(items.slice(at, at + length))
    return new SliceValue(sliceOf(anyListType), chunks)
  },
})

function concat(lists: readonly GoValue[]): GoValue {
  const joined = lists.flatMap((list) => [
    ...itemsOrFail(list, (kind) => panic(`Cannot concat type ${kind} as list`)),
  ])
  return joined.length === 0 ? nilList() : joined
}

function parts(values: readonly string[]): GoValue {
  return new MapValue(stringMapType, Object.fromEntries(values.map((value, i) => [`_${i}`, value])))
}

function splitText(separator: string, value: string): string[] {
  return separator === '' ? [...value] : value.split(separator)
}

/** strings.SplitN: the last part has the rest. */
function splitN(separator: string, limit: number, value: string): string[] {
  if (limit === 0) return []
  const all = splitText(separator, value)
  if (limit < 0 || all.length <= limit) return all
  return [...all.slice(0, limit - 1), all.slice(limit - 1).join(separator)]
}

const list: FunctionSpec = ofAny(0, anyListType, (items) => items, true)

export const lists: FunctionTable = {
  list,
  tuple: list,
  ...twins('append', append),
  ...twins('push', append),
  ...twins(
    'prepend',
    withItem('prepend', (items, item) => [item, ...items]),
  ),
  ...twins(
    'first',
    ofList(anyType, 'find first on', (items) => items[0] ?? null),
  ),
  ...twins(
    'last',
    ofList(anyType, 'find last on', (items) => items.at(-1) ?? null),
  ),
  ...twins(
    'rest',
    ofList(anyListType, 'find rest on', (items) => (items.length === 0 ? nilList() : items.slice(1))),
  ),
  ...twins(
    'initial',
    ofList(anyListType, 'find initial on', (items) => (items.length === 0 ? nilList() : items.slice(0, -1))),
  ),
  ...twins(
    'reverse',
    ofList(anyListType, 'find reverse on', (items) => [...items].reverse()),
  ),
  ...twins(
    'compact',
    ofList(anyListType, 'compact on', (items, context) =>
      items.filter((item) => !isEmptyValue(item, context)),
    ),
  ),
  ...twins('uniq', uniq),
  ...twins('without', without),
  ...twins('has', has),
  ...twins('slice', slice),
  ...twins('chunk', chunk),
  concat: ofAny(
    0,
    anyType,
    (given, { budget }) => {
      for (const each of given) budget.charge(listItems(each)?.length ?? 0)
      return concat(given)
    },
    true,
  ),
  join: {
    params: [stringType, anyType],
    returns: stringType,
    call: ([separator, given], context) => {
      const texts = textsOf(given, context)
      context.budget.allocate(
        texts.reduce((size, each) => size + each.length, 0) + texts.length * text(separator).length,
      )
      return texts.join(text(separator))
    },
  },
  sortAlpha: ofAny(1, stringListType, ([given], context) => {
    const kind = kindName(indirect(given))
    const texts = kind === 'slice' ? textsOf(given, context).sort(compareStrings) : [strval(given, context)]
    return new SliceValue(stringListType, texts)
  }),
  toStrings: ofAny(
    1,
    stringListType,
    ([given], context) => new SliceValue(stringListType, textsOf(given, context)),
  ),
  split: ofStrings(2, stringMapType, ([separator = '', value = ''], { budget }) => {
    budget.charge(value.length)
    return parts(splitText(separator, value))
  }),
  splitn: {
    params: [stringType, intType, stringType],
    returns: stringMapType,
    call: ([separator, limit, value], { budget }) => {
      budget.charge(text(value).length)
      return parts(splitN(text(separator), count(limit), text(value)))
    },
  },
  splitList: ofStrings(2, stringListType, ([separator = '', value = ''], { budget }) => {
    budget.charge(value.length)
    return new SliceValue(stringListType, splitText(separator, value))
  }),
  until: {
    params: [intType],
    returns: sliceOf(intType),
    call: ([end], { budget }) => untilStep(0, count(end), count(end) < 0 ? -1 : 1, budget),
  },
  untilStep: {
    params: [intType, intType, intType],
    returns: sliceOf(intType),
    call: ([start, end, step], { budget }) => untilStep(count(start), count(end), count(step), budget),
  },
}
