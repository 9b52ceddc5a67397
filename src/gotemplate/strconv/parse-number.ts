/** Go's strconv.ParseInt, ParseUint and ParseFloat, to the extent that templates and sprig need them. */

const MAX_INT64 = 2n ** 63n - 1n
const MAX_UINT64 = 2n ** 64n - 1n

export type ParsedInteger =
  | { readonly value: bigint }
  | { readonly problem: 'syntax' | 'range'; readonly value: bigint }

/**
 * ParseInt(text, base, 64); with base 0 the prefix decides the base and underscores are allowed. Out of range: the
 * nearest.
 */
export function parseInt64(text: string, base: 0 | 10): ParsedInteger {
  const negative = text.startsWith('-')
  const digits = negative || text.startsWith('+') ? text.slice(1) : text
  const value = magnitude(digits, base)
  if (value === undefined) return { problem: 'syntax', value: 0n }
  if (negative)
    return value > MAX_INT64 + 1n ? { problem: 'range', value: -MAX_INT64 - 1n } : { value: -value }
  return value > MAX_INT64 ? { problem: 'range', value: MAX_INT64 } : { value }
}

/** ParseUint(text, 0, 64). */
export function parseUint64(text: string): ParsedInteger {
  const value = magnitude(text, 0)
  if (value === undefined) return { problem: 'syntax', value: 0n }
  return value > MAX_UINT64 ? { problem: 'range', value: MAX_UINT64 } : { value }
}

function magnitude(text: string, base: 0 | 10): bigint | undefined {
  if (base === 10) return /^[0-9]+$/.test(text) ? BigInt(text) : undefined
  if (text.includes('_') && !underscoresFit(text)) return undefined
  const plain = text.replaceAll('_', '')
  const prefixed = /^0[xX][0-9a-fA-F]+$|^0[oO][0-7]+$|^0[bB][01]+$|^[1-9][0-9]*$|^0$/
  if (prefixed.test(plain)) return BigInt(plain)
  return /^0[0-7]+$/.test(plain) ? BigInt(`0o${plain.slice(1)}`) : undefined
}

/** Each underscore must be between digits, or between a base prefix and a digit. */
function underscoresFit(text: string): boolean {
  const unsigned = text.replace(/^[+-]/, '')
  const hex = /^0[xX]/.test(unsigned)
  const body = /^0[xXoObB]/.test(unsigned) ? `0${unsigned.slice(2)}` : unsigned
  const around = hex ? /(?<![0-9a-fA-F])_|_(?![0-9a-fA-F])/ : /(?<![0-9])_|_(?![0-9])/
  return !around.test(body)
}

/** ParseFloat(text, 64): undefined for a syntax error, an infinity if the number is out of range. */
export function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)(?:inf|infinity)$/i.exec(text)
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return Number.NaN
  if (text.includes('_') && !/^[+-]?0[xX]/.test(text) && !underscoresFit(text)) return undefined
  if (text.includes('_') && !underscoresFit(text)) return undefined
  const plain = text.replaceAll('_', '')
  if (/^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(plain)) return Number(plain)
  const hex = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/.exec(plain)
  if (hex === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = hex
  if (whole === '' && fraction === '') return undefined
  const value = hexFloat(BigInt(`0x${whole}${fraction}`), Number(exponent) - 4 * fraction.length)
  return sign === '-' ? -value : value
}

/** mantissa * 2^exponent, rounded once. */
function hexFloat(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0
  const bits = mantissa.toString(2).length
  if (bits + exponent > 1100) return Infinity
  if (bits + exponent < -1200) return 0
  // Down to the precision of a float of this size, rounding half to even.
  const lowest = Math.max(bits + exponent - 53, -1074)
  const drop = lowest - exponent
  if (drop <= 0) return Number(mantissa) * 2 ** Math.max(exponent, -1074)
  const shift = BigInt(drop)
  let kept = mantissa >> shift
  const rest = mantissa - (kept << shift)
  const half = 1n << (shift - 1n)
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept += 1n
  return Number(kept) * 2 ** lowest
}
