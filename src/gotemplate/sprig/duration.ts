/** Go's durations: parses `1h30m`, formats `1h30m0s`. In nanoseconds. */
import { GoFunctionError } from '../functions.ts'
import { quote } from '../strconv/quote.ts'

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])

/** @throws GoFunctionError */
export function parseDuration(text: string): bigint {
  const invalid = (): never => {
    throw new GoFunctionError(`time: invalid duration ${quote(text)}`)
  }
  const negative = text.startsWith('-')
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0n
  if (rest === '') return invalid()
  let total = 0n
  while (rest !== '') {
    const match = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/.exec(rest)
    const [all = '', whole = '', fraction = '', unit = ''] = match ?? []
    if (whole === '' && fraction === '') return invalid()
    if (unit === '') throw new GoFunctionError(`time: missing unit in duration ${quote(text)}`)
    const scale = UNITS.get(unit)
    if (scale === undefined) {
      throw new GoFunctionError(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`)
    }
    total += BigInt(whole === '' ? 0 : whole) * scale
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length)
    if (total > 2n ** 63n - (negative ? 0n : 1n)) return invalid()
    rest = rest.slice(all.length)
  }
  return negative ? -total : total
}

export function formatDuration(duration: bigint): string {
  if (duration === 0n) return '0s'
  const negative = duration < 0n
  const size = negative ? -duration : duration
  const sign = negative ? '-' : ''
  if (size < 1_000_000_000n) {
    const [scale, unit] = size < 1_000n ? [1n, 'ns'] : size < 1_000_000n ? [1_000n, 'µs'] : [1_000_000n, 'ms']
    return `${sign}${withFraction(size, scale)}${unit}`
  }
  const minutes = size / 60_000_000_000n
  const seconds = `${withFraction(size % 60_000_000_000n, 1_000_000_000n)}s`
  if (minutes === 0n) return sign + seconds
  return `${sign}${minutes >= 60n ? `${minutes / 60n}h` : ''}${minutes % 60n}m${seconds}`
}

function withFraction(value: bigint, scale: bigint): string {
  const fraction = (value % scale)
    .toString()
    .padStart(scale.toString().length - 1, '0')
    .replace(/0+$/, '')
  return fraction === '' || scale === 1n ? String(value / scale) : `${value / scale}.${fraction}`
}
