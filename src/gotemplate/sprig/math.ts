/** sprig's arithmetic: on int64 with Go's wrap-around, and on floats through decimals. */
import { formatValue } from '../fmt/print.ts'
import type { FunctionSpec, FunctionTable } from '../functions.ts'
import { parseInt64 } from '../strconv/parse-number.ts'
import { float64Type, int64Type, intType } from '../types.ts'
import { type GoValue, ScalarValue } from '../values.ts'
import { toFloat64, toInt64 } from './cast.ts'
import { add, type Decimal, decimalOf, divide, multiply, subtract, toFloat } from './decimal.ts'
import { anyType, count, ofAny, ofStrings, panic } from './define.ts'

function int64(value: bigint): ScalarValue {
  return new ScalarValue(int64Type, BigInt.asIntN(64, value))
}

function fold(
  arity: number,
  start: (first: bigint) => bigint,
  step: (sum: bigint, next: bigint) => bigint,
): FunctionSpec {
  return ofAny(
    arity,
    int64Type,
    (args) => {
      const [first = 0n, ...rest] = args.map(toInt64)
      return int64(rest.reduce((sum, next) => BigInt.asIntN(64, step(sum, next)), start(first)))
    },
    true,
  )
}

function foldDecimals(arity: number, step: (a: Decimal, b: Decimal) => Decimal): FunctionSpec {
  return ofAny(
    arity,
    float64Type,
    (args) => {
      const values = arity === 0 ? [0, ...args.map(toFloat64)] : args.map(toFloat64)
      const [first = 0, ...rest] = values
      return toFloat(rest.reduce((sum, next) => step(sum, decimalOf(next)), decimalOf(first)))
    },
    true,
  )
}

function foldFloats(step: (a: number, b: number) => number): FunctionSpec {
  return ofAny(
    1,
    float64Type,
    (args) => {
      const [first = 0, ...rest] = args.map(toFloat64)
      return rest.reduce(step, first)
    },
    true,
  )
}

function ofTwo(call: (a: bigint, b: bigint) => bigint): FunctionSpec {
  return ofAny(2, int64Type, ([a, b]) => int64(call(toInt64(a), toInt64(b))))
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw panic('runtime error: integer divide by zero')
  return divisor
}

function round(value: GoValue, places: number, roundOn: number): number {
  const power = Number(`1e${places}`)
  const digit = power * toFloat64(value)
  const fraction = Number.isFinite(digit)
    ? digit - Math.trunc(digit)
    : digit === -Infinity
      ? Number.NaN
      : digit
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power
}

const greatest = fold(
  1,
  (first) => first,
  (a, b) => (b > a ? b : a),
)

export const math: FunctionTable = {
  int: ofAny(1, intType, ([value]) => toInt64(value)),
  int64: ofAny(1, int64Type, ([value]) => int64(toInt64(value))),
  float64: ofAny(1, float64Type, ([value]) => toFloat64(value)),
  atoi: ofStrings(1, intType, ([value = '']) => parseInt64(value, 10).value),
  toDecimal: ofAny(1, int64Type, ([value], context) => {
    const digits = formatValue(value, context)
    if (!/^[+-]?[0-7]+$/.test(digits)) return int64(0n)
    const magnitude = BigInt(`0o${digits.replace(/^[+-]/, '')}`)
    const whole = digits.startsWith('-') ? -magnitude : magnitude
    return int64(BigInt.asIntN(64, whole) === whole ? whole : 0n)
  }),
  add1: ofAny(1, int64Type, ([value]) => int64(toInt64(value) + 1n)),
  add: fold(
    0,
    (first) => first,
    (a, b) => a + b,
  ),
  mul: fold(
    1,
    (first) => first,
    (a, b) => a * b,
  ),
  sub: ofTwo((a, b) => a - b),
  div: ofTwo((a, b) => a / nonZero(b)),
  mod: ofTwo((a, b) => a % nonZero(b)),
  max: greatest,
  biggest: greatest,
  min: fold(
    1,
    (first) => first,
    (a, b) => (b < a ? b : a),
  ),
  maxf: foldFloats((a, b) => Math.max(a, b)),
  minf: foldFloats((a, b) => Math.min(a, b)),
  add1f: ofAny(1, float64Type, ([value]) => toFloat(add(decimalOf(toFloat64(value)), decimalOf(1)))),
  addf: foldDecimals(0, add),
  subf: foldDecimals(1, subtract),
  mulf: foldDecimals(1, multiply),
  divf: foldDecimals(1, divide),
  floor: ofAny(1, float64Type, ([value]) => Math.floor(toFloat64(value))),
  ceil: ofAny(1, float64Type, ([value]) => Math.ceil(toFloat64(value))),
  round: {
    params: [anyType, intType, float64Type],
    variadic: true,
    returns: float64Type,
    call: ([value, places, on]) => round(value, count(places), typeof on === 'number' ? on : 0.5),
  },
}
