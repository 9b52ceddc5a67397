/** Converts any value to a number as the Go package spf13/cast 1.7 does: what does not convert is 0. */
import { indirect } from '../eval/truth.ts'
import { parseFloat64, parseInt64 } from '../strconv/parse-number.ts'
import { type GoValue, ScalarValue } from '../values.ts'

const MIN_INT64 = -(2n ** 63n)

/** A number of one of Go's own types; named types do not convert. */
function plainNumber(value: GoValue): bigint | number | boolean | string | undefined {
  const target = indirect(value)
  if (target instanceof ScalarValue) return target.type.name === target.type.kind ? target.value : undefined
  return typeof target === 'object' || target === undefined ? undefined : target
}

/** Go's conversion of a float: towards zero, and the least integer if it is out of range. */
function truncateFloat(value: number): bigint {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) return MIN_INT64
  return BigInt(Math.trunc(value))
}

export function toInt64(value: GoValue): bigint {
  const plain = plainNumber(value)
  switch (typeof plain) {
    case 'bigint':
      return BigInt.asIntN(64, plain)
    case 'number':
      return truncateFloat(plain)
    case 'boolean':
      return plain ? 1n : 0n
    case 'string': {
      const parsed = parseInt64(trimZeroDecimal(plain), 0)
      return 'problem' in parsed ? 0n : parsed.value
    }
    default:
      return 0n
  }
}

/** `1.00` is `1`, `1.50` stays. */
function trimZeroDecimal(text: string): string {
  return text.replace(/\.0+$/, '')
}

export function toFloat64(value: GoValue): number {
  const plain = plainNumber(value)
  switch (typeof plain) {
    case 'string': {
      const parsed = parseFloat64(plain)
      // A number out of range is an error in Go; an infinity written as a word is not.
      return parsed === undefined || (!Number.isFinite(parsed) && !/inf|nan/i.test(plain)) ? 0 : parsed
    }
    case 'undefined':
      return 0
    default:
      return Number(plain)
  }
}
