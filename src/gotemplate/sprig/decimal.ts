/** Decimal arithmetic as in the Go package shopspring/decimal: exact, division to 16 places. */
import { panic } from './define.ts'

/** value * 10^exponent */
export interface Decimal {
  readonly value: bigint
  readonly exponent: number
}

const DIVISION_PLACES = 16

/** Converts the shortest text that represents the float. */
export function decimalOf(float: number): Decimal {
  if (!Number.isFinite(float))
    throw panic(`Cannot create a Decimal from ${Number.isNaN(float) ? 'NaN' : float > 0 ? '+Inf' : '-Inf'}`)
  const [mantissa = '0', exponent = '0'] = float.toExponential().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return { value: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

export function toFloat(decimal: Decimal): number {
  return Number(`${decimal.value}e${decimal.exponent}`)
}

function aligned(a: Decimal, b: Decimal): { x: bigint; y: bigint; exponent: number } {
  const exponent = Math.min(a.exponent, b.exponent)
  return {
    x: a.value * 10n ** BigInt(a.exponent - exponent),
    y: b.value * 10n ** BigInt(b.exponent - exponent),
    exponent,
  }
}

export function add(a: Decimal, b: Decimal): Decimal {
  const { x, y, exponent } = aligned(a, b)
  return { value: x + y, exponent }
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { value: -b.value, exponent: b.exponent })
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent }
}

/** Rounded half away from zero. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw panic('decimal division by 0')
  const { x, y } = aligned(a, b)
  const scaled = x * 10n ** BigInt(DIVISION_PLACES)
  const negative = scaled < 0n !== y < 0n
  const dividend = scaled < 0n ? -scaled : scaled
  const divisor = y < 0n ? -y : y
  const quotient = (dividend * 2n + divisor) / (divisor * 2n)
  return { value: negative ? -quotient : quotient, exponent: -DIVISION_PLACES }
}
