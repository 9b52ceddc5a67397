/**
 * The meaning of a plain scalar: null, boolean, integer, float or string, by the rules of go-yaml v2 (YAML 1.1 with
 * Go's number syntax, without base 60). The encoder uses it to quote what would be read back as another type.
 */

/** An integer is a bigint and a float a number, so that the caller can still distinguish them. */
export type Scalar = null | boolean | bigint | number | string

const WORDS: ReadonlyMap<string, null | boolean | number> = new Map<string, null | boolean | number>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(
    (word) => [word, Number.POSITIVE_INFINITY] as const,
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
])

const LONGEST_WORD = 5

/** First characters by what may follow: 1: one of WORDS; 2: an integer or float; 3: a float that starts with a dot. */
const HINTS = buildHints()

function buildHints(): Uint8Array {
  const hints = new Uint8Array(128)
  for (const char of 'yYnNtTfFoO~') hints[char.charCodeAt(0)] = 1
  for (const char of '+-0123456789') hints[char.charCodeAt(0)] = 2
  hints[0x2e] = 3
  return hints
}

export function resolvePlain(text: string): Scalar {
  const first = text.length === 0 ? 0x7e : text.charCodeAt(0)
  const hint = first < 128 ? HINTS[first] : 0
  if (hint === 0) return text
  if (text.length <= LONGEST_WORD) {
    const word = WORDS.get(text)
    if (word !== undefined) return word
  }
  if (hint === 1) return text
  return resolveNumber(text, hint === 3) ?? text
}

/** Go leaves underscores to strconv.ParseFloat here, which requires digits on both sides. */
const DOT_FLOAT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const SMALL_INTEGER = /^(?:0|-?[1-9][0-9]{0,14})$/
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/

const MIN_INT64 = -(2n ** 63n)
export const MAX_INT64 = 2n ** 63n - 1n
const MAX_UINT64 = 2n ** 64n - 1n

function resolveNumber(text: string, startsWithDot: boolean): bigint | number | undefined {
  if (startsWithDot) return DOT_FLOAT.test(text) ? finite(text.replaceAll('_', '')) : undefined
  const plain = text.includes('_') ? text.replaceAll('_', '') : text
  return resolveInteger(plain) ?? (FLOAT.test(plain) ? finite(plain) : undefined)
}

/** From -2^63 to 2^64-1; with a sign up to 2^63-1 only, as in Go's two parsing functions. */
function resolveInteger(plain: string): bigint | undefined {
  if (SMALL_INTEGER.test(plain)) return BigInt(plain)
  const match = INTEGER.exec(plain)
  if (match === null) return resolveSignedBinary(plain)
  const [, sign, hex, binary, octal, decimal] = match
  const size =
    decimal !== undefined
      ? BigInt(decimal)
      : BigInt(hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : `0o${octal}`)
  if (sign === '') return size <= MAX_UINT64 ? size : undefined
  return signed(sign, size)
}

/** go-yaml v2 removes `0b` and lets Go parse the rest, which may start with a sign. */
function resolveSignedBinary(plain: string): bigint | undefined {
  const match = /^0b([-+])([01]+)$/.exec(plain)
  return match === null ? undefined : signed(match[1], BigInt(`0b${match[2]}`))
}

function signed(sign: string | undefined, size: bigint): bigint | undefined {
  const value = sign === '-' ? -size : size
  return value >= MIN_INT64 && value <= MAX_INT64 ? value : undefined
}

/** A number too large for a float64 is a string to Go. */
function finite(text: string): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** The same for JSON values: integers are float64 as well. Checking for short integers first avoids bigint for most. */
export function resolvePlainJson(text: string): null | boolean | number | string {
  const first = text.length === 0 ? 0x7e : text.charCodeAt(0)
  if (first >= 128 || HINTS[first] === 0) return text
  if (first >= 0x31 && first <= 0x39 && text.length <= 15) {
    let value = first - 0x30
    let i = 1
    for (; i < text.length; i++) {
      const digit = text.charCodeAt(i) - 0x30
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    if (i === text.length) return value
  }
  const scalar = resolvePlain(text)
  return typeof scalar === 'bigint' ? Number(scalar) : scalar
}

const DATE =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]| +)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]{1,9})?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/

/**
 * Whether Go's time.Parse accepts the text in one of the four formats that go-yaml v2 knows. Such a text is still read
 * as a string; it is written in quotes, and allowed under the tag !!timestamp.
 */
export function isTimestamp(text: string): boolean {
  const match = DATE.exec(text)
  if (match === null) return false
  const [, year, month, day, hour, minute, second, zone] = match
  const daysInMonth = [31, isLeapYear(Number(year)) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  const days = daysInMonth[Number(month) - 1]
  if (days === undefined || Number(day) < 1 || Number(day) > days) return false
  if (hour === undefined) return true
  // With T the zone is required; with a space it is not allowed.
  if (/[Tt]/.test(text) !== (zone !== undefined)) return false
  if (zone !== undefined && zone !== 'Z' && (Number(zone.slice(1, 3)) > 24 || Number(zone.slice(4)) > 60))
    return false
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** Whether a plain scalar with this text is a string. */
export function isPlainText(text: string): boolean {
  return typeof resolvePlain(text) === 'string'
}
