/** Compares quantities: their value in billionths, the smallest unit that Kubernetes keeps. */
import { BINARY_SUFFIXES, DECIMAL_SUFFIXES } from './quantity.ts'

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?([A-Za-z]*)([+-]?\d*)$/
/** No real quantity is longer, and big numbers cost more than linear time. */
const LONGEST = 64
const LARGEST_EXPONENT = 30
const NANO = 9

/** Rounded up; undefined for what is no quantity. YAML may have written it as a number. */
export function quantityValue(quantity: string | number): bigint | undefined {
  const text = String(quantity)
  const found = text.length > LONGEST ? null : NUMBER.exec(text)
  if (found === null) return undefined
  const [, sign = '', whole = '', fraction = '', suffix = '', power = ''] = found
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(`${whole}${fraction}`)
  const binary = BINARY_SUFFIXES.indexOf(suffix)
  let value: bigint
  if (binary > 0 && power === '') {
    value = scale(digits << BigInt(binary * 10), NANO - fraction.length)
  } else {
    const exponent = exponentOf(suffix, power)
    if (exponent === undefined || Math.abs(exponent) > LARGEST_EXPONENT) return undefined
    value = scale(digits, NANO + exponent - fraction.length)
  }
  return sign === '-' ? -value : value
}

function exponentOf(suffix: string, power: string): number | undefined {
  if (power === '') return DECIMAL_SUFFIXES.get(suffix)
  return (suffix === 'e' || suffix === 'E') && /\d/.test(power) ? Number(power) : undefined
}

function scale(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits * 10n ** BigInt(exponent)
  const divisor = 10n ** BigInt(-exponent)
  return (digits + divisor - 1n) / divisor
}
