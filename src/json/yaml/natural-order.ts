/** The order in which go-yaml v2 writes keys: digits compare as numbers, so `a2` comes before `a10`. */

const LETTER = /^\p{L}$/u
const DIGIT = /^\p{Nd}$/u
/** Fewer digits than this, in any script, stay exact in a float: a digit's distance from '0' has at most 17 bits. */
const EXACT_DIGITS = 11

export function compareNatural(a: string, b: string): number {
  return a === b ? 0 : isLess(a, b) ? -1 : 1
}

function isLess(a: string, b: string): boolean {
  let i = 0
  const length = Math.min(a.length, b.length)
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i === length) return a.length < b.length
  if (isLowSurrogate(a, i) && isLowSurrogate(b, i)) i--
  const xCode = a.charCodeAt(i)
  const yCode = b.charCodeAt(i)
  // Most keys differ first at two ASCII letters, or at a letter and a sign.
  if (isAsciiLetter(xCode)) {
    if (isAsciiLetter(yCode)) return xCode < yCode
    if (yCode < 128) return false
  } else if (xCode < 128 && isAsciiLetter(yCode)) return true
  const x = charAt(a, i)
  const y = charAt(b, i)
  const xIsLetter = isLetter(x)
  const yIsLetter = isLetter(y)
  if (xIsLetter && yIsLetter) return codeOf(x) < codeOf(y)
  if (xIsLetter || yIsLetter) return yIsLetter
  // A zero that only continues a number compares as its next digit, on both sides.
  const continues = (x === '0' || y === '0') && followsNonZeroDigit(a, i)
  const xs = digitsFrom(a, i)
  const ys = digitsFrom(b, i)
  const start = continues ? 1 : 0
  const exact = xs.length < EXACT_DIGITS && ys.length < EXACT_DIGITS
  const xNumber = exact ? smallNumberOf(xs, start) : numberOf(xs, start)
  const yNumber = exact ? smallNumberOf(ys, start) : numberOf(ys, start)
  if (xNumber !== yNumber) return xNumber < yNumber
  if (xs.length !== ys.length) return xs.length < ys.length
  return codeOf(x) < codeOf(y)
}

function isLowSurrogate(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code >= 0xdc00 && code <= 0xdfff
}

/** The character at an index, including both halves of a surrogate pair. */
function charAt(text: string, index: number): string {
  return String.fromCodePoint(codeOf(text.slice(index, index + 2)))
}

function codeOf(char: string): number {
  // Never called with an empty text.
  return char.codePointAt(0) as number
}

function isLetter(char: string): boolean {
  const code = codeOf(char)
  return code < 128 ? isAsciiLetter(code) : LETTER.test(char)
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' ? char.length === 1 : codeOf(char) >= 128 && DIGIT.test(char)
}

function digitsFrom(text: string, start: number): string[] {
  const digits: string[] = []
  for (let i = start; i < text.length; ) {
    const char = charAt(text, i)
    if (!isDigit(char)) break
    digits.push(char)
    i += char.length
  }
  return digits
}

/** Whether a digit other than zero is among the digits right before an index. */
function followsNonZeroDigit(text: string, index: number): boolean {
  for (let i = index - 1; i >= 0; i--) {
    if (isLowSurrogate(text, i)) i--
    const char = charAt(text, i)
    if (!isDigit(char)) return false
    if (char !== '0') return true
  }
  return false
}

/** In 64 bits with overflow; a digit of another script counts as its distance from '0'. Go computes the same. */
function numberOf(digits: readonly string[], start: number): bigint {
  let value = BigInt(start)
  for (const digit of digits) value = BigInt.asIntN(64, value * 10n + BigInt(codeOf(digit) - 0x30))
  return value
}

/** The same for fewer than EXACT_DIGITS digits. */
function smallNumberOf(digits: readonly string[], start: number): number {
  let value = start
  for (const digit of digits) value = value * 10 + codeOf(digit) - 0x30
  return value
}
