/**
 * Durations in Go's text form (`1m30s`, time.ParseDuration and Duration.String), protobuf's JSON form (`90s`, `0.500s`)
 * and google.protobuf.Duration. Nanoseconds are bigint, like Go's int64.
 */
import type { ProtoDuration } from './proto-message.ts'

const nanosPerSecond = 1_000_000_000n
const maxNanos = (1n << 63n) - 1n
const unitNanos = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', nanosPerSecond],
  ['m', 60n * nanosPerSecond],
  ['h', 3600n * nanosPerSecond],
])

/** Nanoseconds as Go's time.ParseDuration returns them; undefined if Go refuses the text. */
export function parseDuration(text: string): bigint | undefined {
  let rest = text
  let negative = false
  if (rest[0] === '-' || rest[0] === '+') {
    negative = rest[0] === '-'
    rest = rest.slice(1)
  }
  if (rest === '0') return 0n
  if (rest === '') return undefined
  let total = 0n
  const part = /(\d*)(?:\.(\d*))?(ns|us|[\u00b5\u03bc]s|ms|s|m|h)/y
  while (part.lastIndex < rest.length) {
    const found = part.exec(rest)
    if (found === null) return undefined
    const [, whole = '', fraction = '', unit = ''] = found
    if (whole === '' && fraction === '') return undefined
    const scale = unitNanos.get(unit) ?? 1n
    total += BigInt(whole === '' ? '0' : whole) * scale
    total += fractionNanos(fraction, scale)
    if (total > maxNanos + 1n) return undefined
  }
  if (negative) return -total
  return total > maxNanos ? undefined : total
}

/** Go computes decimals in floating point, from as many digits as fit an int64. */
function fractionNanos(digits: string, unit: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits) {
    if (value > maxNanos / 10n) break
    value = value * 10n + BigInt(digit)
    scale *= 10
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)))
}

/** As Go's Duration.String prints it: `1h30m0s`, `1.5s`, `250ms`, `0s`. */
export function formatNanos(nanos: bigint): string {
  if (nanos === 0n) return '0s'
  const sign = nanos < 0n ? '-' : ''
  const size = nanos < 0n ? -nanos : nanos
  if (size < nanosPerSecond) {
    if (size < 1_000n) return `${sign}${size}ns`
    if (size < 1_000_000n) return `${sign}${withFraction(size, 1_000n)}µs`
    return `${sign}${withFraction(size, 1_000_000n)}ms`
  }
  const minutes = size / (60n * nanosPerSecond)
  const seconds = withFraction(size % (60n * nanosPerSecond), nanosPerSecond)
  if (minutes === 0n) return `${sign}${seconds}s`
  if (minutes < 60n) return `${sign}${minutes}m${seconds}s`
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`
}

function withFraction(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '')
  return fraction === '' ? String(value / unit) : `${value / unit}.${fraction}`
}

export function durationNanos(duration: ProtoDuration | undefined): bigint {
  const nanos = (duration?.seconds ?? 0n) * nanosPerSecond + BigInt(duration?.nanos ?? 0)
  // Duration.AsDuration saturates.
  return nanos > maxNanos ? maxNanos : nanos < -maxNanos - 1n ? -maxNanos - 1n : nanos
}

export function durationOf(nanos: bigint): ProtoDuration {
  const seconds = nanos / nanosPerSecond
  const rest = Number(nanos % nanosPerSecond)
  return { ...(seconds === 0n ? {} : { seconds }), ...(rest === 0 ? {} : { nanos: rest }) }
}

/** The output of the template function formatDuration; `0s` for a nil duration. */
export function formatDuration(duration: ProtoDuration | undefined): string {
  return formatNanos(durationNanos(duration))
}

/** Protobuf's JSON: seconds with 0, 3, 6 or 9 decimals. */
export function durationJson(duration: ProtoDuration): string {
  const seconds = duration.seconds ?? 0n
  const nanos = duration.nanos ?? 0
  const sign = seconds < 0n || nanos < 0 ? '-' : ''
  const whole = seconds < 0n ? -seconds : seconds
  const fraction = String(Math.abs(nanos)).padStart(9, '0')
  const text = fraction.endsWith('000000000')
    ? ''
    : fraction.endsWith('000000')
      ? `.${fraction.slice(0, 3)}`
      : fraction.endsWith('000')
        ? `.${fraction.slice(0, 6)}`
        : `.${fraction}`
  return `${sign}${whole}${text}s`
}
