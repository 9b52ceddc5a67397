/** sprig's functions on map[string]any. `set`, `unset` and the merges change their argument, as in Go. */

import { own, setOwn } from '../../json/index.ts'
import type { Budget } from '../budget.ts'
import { type FunctionSpec, type FunctionTable, GoFunctionError } from '../functions.ts'
import { compareStrings } from '../strconv/go-string.ts'
import {
  anyListType,
  anyMapType,
  anyType,
  boolType,
  type GoType,
  stringListType,
  stringType,
} from '../types.ts'
import { type GoMap, type GoValue, isGoMap, type MutableGoMap, SliceValue, typeName } from '../values.ts'
import { mapGet, mapKeys } from '../wrap.ts'
import { copyDeeply } from './deep-copy.ts'
import { ofAny, panic, text } from './define.ts'
import { isGoDict, mergeInto } from './merge.ts'
import { strval } from './strval.ts'

/** A map argument; nil is treated as empty. */
function entriesOf(value: GoValue): GoMap {
  return isGoMap(value) ? value : {}
}

/** A map that is going to be changed. */
function changeable(value: GoValue): MutableGoMap {
  if (!isGoMap(value)) throw panic('assignment to entry in nil map')
  if (Object.isFrozen(value)) {
    throw new GoFunctionError('this map is shared and may not be changed: use deepCopy on it first')
  }
  // The compiled template has `mutates` set, so that its caller passes maps that may change.
  return value as MutableGoMap
}

function dict(pairs: readonly GoValue[], toKey: (value: GoValue) => string): GoMap {
  const made: MutableGoMap = {}
  for (let i = 0; i < pairs.length; i += 2) {
    setOwn(made, toKey(pairs[i]), i + 1 < pairs.length ? (pairs[i + 1] ?? null) : '')
  }
  return made
}

function pick(source: GoMap, names: readonly string[]): GoMap {
  const picked: MutableGoMap = {}
  for (const name of names) if (Object.hasOwn(source, name)) setOwn(picked, name, source[name])
  return picked
}

function omit(source: GoMap, names: readonly string[]): GoMap {
  const omitted = new Set(names)
  return pick(
    source,
    Object.keys(source).filter((key) => !omitted.has(key)),
  )
}

function goName(value: GoValue): string {
  return value === null || value === undefined ? 'nil' : typeName(value)
}

function dig(args: readonly GoValue[]): GoValue {
  if (args.length < 3) throw panic('dig needs at least three arguments')
  const keys = args.slice(0, -2)
  const fallback = args.at(-2)
  let current: GoValue = args.at(-1)
  for (const key of keys) {
    if (typeof key !== 'string')
      throw panic(`interface conversion: interface {} is ${goName(key)}, not string`)
  }
  for (const [i, key] of keys.entries()) {
    if (!isGoDict(current))
      throw panic(`interface conversion: interface {} is ${goName(current)}, not map[string]interface {}`)
    const next: GoValue = mapGet(current, text(key))
    if (next === undefined) return fallback
    if (i === keys.length - 1) return next
    current = next
  }
  return fallback
}

const merging =
  (overwrite: boolean): FunctionSpec['call'] =>
  ([target, ...sources], context) => {
    let merged: GoValue = target
    for (const source of sources) {
      if (!isGoMap(source)) continue
      if (!isGoMap(merged)) merged = {}
      mergeInto(changeable(merged), source, overwrite, context)
    }
    return merged
  }

function mergeSpec(overwrite: boolean): FunctionSpec {
  return {
    params: [anyMapType, anyMapType],
    variadic: true,
    returns: anyType,
    mutates: true,
    call: merging(overwrite),
  }
}

const copying = ofAny(1, anyType, ([value], { budget }) => copyDeeply(value, budget))

function ofDict(
  params: readonly GoType[],
  returns: GoType,
  call: (source: GoMap, rest: readonly GoValue[], budget: Budget) => GoValue,
  variadic = false,
): FunctionSpec {
  return {
    params: [anyMapType, ...params],
    variadic,
    returns,
    call: ([source, ...rest], { budget }) => call(entriesOf(source), rest, budget),
  }
}

/** In the order of the keys, which in Go is random. */
function sortedKeys(source: GoMap, budget: Budget): string[] {
  const keys = mapKeys(source).map(String)
  budget.charge(keys.length)
  return keys.sort(compareStrings)
}

export const dicts: FunctionTable = {
  dict: ofAny(0, anyMapType, (pairs, context) => dict(pairs, (value) => strval(value, context)), true),
  get: ofDict([stringType], anyType, (source, [key]) =>
    Object.hasOwn(source, text(key)) ? source[text(key)] : '',
  ),
  set: {
    params: [anyMapType, stringType, anyType],
    returns: anyMapType,
    mutates: true,
    call: ([target, key, value]) => {
      const map = changeable(target)
      setOwn(map, text(key), value)
      return map
    },
  },
  unset: {
    params: [anyMapType, stringType],
    returns: anyMapType,
    mutates: true,
    call: ([target, key], { filledMaps }) => {
      if (!isGoMap(target)) return target
      delete changeable(target)[text(key)]
      filledMaps.forget(target)
      return target
    },
  },
  hasKey: ofDict([stringType], boolType, (source, [key]) => Object.hasOwn(source, text(key))),
  pluck: {
    params: [stringType, anyMapType],
    variadic: true,
    returns: anyListType,
    call: ([key, ...sources]) =>
      sources
        .map(entriesOf)
        .filter((source) => Object.hasOwn(source, text(key)))
        .map((source) => own(source, text(key))),
  },
  keys: {
    params: [anyMapType],
    variadic: true,
    returns: stringListType,
    call: (sources, { budget }) =>
      new SliceValue(
        stringListType,
        sources.flatMap((source) => sortedKeys(entriesOf(source), budget)),
      ),
  },
  values: ofDict([], anyListType, (source, _, budget) =>
    sortedKeys(source, budget).map((key) => own(source, key)),
  ),
  pick: ofDict([stringType], anyMapType, (source, names) => pick(source, names.map(text)), true),
  omit: ofDict(
    [stringType],
    anyMapType,
    (source, names, budget) => {
      const omitted = omit(source, names.map(text))
      budget.charge(Object.keys(omitted).length)
      return omitted
    },
    true,
  ),
  merge: mergeSpec(false),
  mustMerge: mergeSpec(false),
  mergeOverwrite: mergeSpec(true),
  mustMergeOverwrite: mergeSpec(true),
  deepCopy: copying,
  mustDeepCopy: copying,
  dig: ofAny(0, anyType, (args) => dig(args), true),
}
