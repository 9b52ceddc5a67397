/** Formats integers, floats and characters with Go's printf verbs. */
import type { FunctionContext } from '../context.ts'
import { formatFloat } from '../strconv/format-float.ts'
import { isPrint, quoteRune } from '../strconv/quote.ts'
import { type Flags, pad, padding, padWithSpaces } from './flags.ts'

const BASES: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

/** undefined: not a verb for integers. */
export function formatInteger(
  value: bigint,
  signed: boolean,
  verb: string,
  flags: Flags,
  context: FunctionContext,
): string | undefined {
  switch (verb) {
    case 'c':
      return pad(flags, characterOf(value), context)
    case 'q':
      return pad(flags, quoteRune(runeOf(value), flags.plus), context)
    case 'U':
      return formatUnicode(BigInt.asUintN(64, value), flags, context)
    case 'v':
      if (flags.sharpV && !signed) return withSharp(flags, () => inBase(value, 16, verb, flags, context))
      break
  }
  const base = Object.hasOwn(BASES, verb) ? BASES[verb] : undefined
  return base === undefined ? undefined : inBase(value, base, verb, flags, context)
}

function withSharp(flags: Flags, format: () => string): string {
  const { sharp } = flags
  flags.sharp = true
  const text = format()
  flags.sharp = sharp
  return text
}

function inBase(value: bigint, base: number, verb: string, flags: Flags, context: FunctionContext): string {
  const negative = value < 0n
  let digits = (negative ? -value : value).toString(base)
  if (verb === 'X') digits = digits.toUpperCase()
  let least = 0
  if (flags.precision !== undefined) {
    least = flags.precision
    if (least === 0 && value === 0n) {
      const { zero } = flags
      flags.zero = false
      const blank = padding(flags, 0, context)
      flags.zero = zero
      return blank
    }
  } else if (flags.zero && !flags.minus && flags.width !== undefined) {
    least = flags.width - (negative || flags.plus || flags.space ? 1 : 0)
  }
  if (least > digits.length) context.budget.allocate(least)
  digits = digits.padStart(least, '0')
  if (flags.sharp) {
    if (base === 2) digits = `0b${digits}`
    else if (base === 8 && !digits.startsWith('0')) digits = `0${digits}`
    else if (base === 16) digits = `${verb === 'X' ? '0X' : '0x'}${digits}`
  }
  if (verb === 'O') digits = `0o${digits}`
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  return padWithSpaces(flags, sign + digits, context)
}

function runeOf(value: bigint): number {
  return value < 0n || value > 0x10ffffn ? 0xfffd : Number(value)
}

function characterOf(value: bigint): string {
  const code = runeOf(value)
  return String.fromCodePoint(code >= 0xd800 && code < 0xe000 ? 0xfffd : code)
}

function formatUnicode(value: bigint, flags: Flags, context: FunctionContext): string {
  const least = Math.max(flags.precision ?? 4, 4)
  if (least > 16) context.budget.allocate(least)
  let text = `U+${value.toString(16).toUpperCase().padStart(least, '0')}`
  if (flags.sharp && value <= 0x10ffffn && isPrint(Number(value))) {
    text += ` '${String.fromCodePoint(Number(value))}'`
  }
  return padWithSpaces(flags, text, context)
}

/** undefined: not a verb for floats. */
export function formatFloatVerb(
  value: number,
  bits: 32 | 64,
  verb: string,
  flags: Flags,
  context: FunctionContext,
): string | undefined {
  switch (verb) {
    case 'v':
      return floatText(value, bits, 'g', -1, flags, context)
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return floatText(value, bits, verb, -1, flags, context)
    case 'f':
    case 'e':
    case 'E':
      return floatText(value, bits, verb, 6, flags, context)
    case 'F':
      return floatText(value, bits, 'f', 6, flags, context)
    default:
      return undefined
  }
}

function floatText(
  value: number,
  bits: 32 | 64,
  verb: string,
  usual: number,
  flags: Flags,
  context: FunctionContext,
): string {
  const precision = flags.precision ?? usual
  if (precision > 400) context.budget.allocate(precision)
  let text = formatFloat(value, verb, precision, bits)
  if (!/^[+-]/.test(text)) text = `+${text}`
  if (flags.space && text.startsWith('+') && !flags.plus) text = ` ${text.slice(1)}`
  if (/^.[IN]/.test(text)) {
    // Infinities and NaN are not padded with zeros.
    if (text[1] === 'N' && !flags.space && !flags.plus) text = text.slice(1)
    else if (text.startsWith('+') && !flags.plus) text = text.slice(0)
    return padWithSpaces(flags, text, context)
  }
  if (flags.sharp && verb !== 'b') text = keepPoint(text, verb, precision)
  if (!flags.plus && text.startsWith('+')) return pad(flags, text.slice(1), context)
  if (flags.zero && !flags.minus && flags.width !== undefined && flags.width > text.length) {
    // The sign comes before the zeros.
    return text.slice(0, 1) + padding(flags, text.length, context) + text.slice(1)
  }
  return pad(flags, text, context)
}

/** `#`: always a decimal point, and with g also the trailing zeros. `text` starts with a sign or space. */
function keepPoint(text: string, verb: string, precision: number): string {
  const isHex = verb === 'x' || verb === 'X'
  let digits = 0
  if (verb === 'g' || verb === 'G' || isHex) digits = precision === -1 ? 6 : precision
  const at = text.search(isHex ? /[pP]/ : /[eE]/)
  const head = at < 0 ? text : text.slice(0, at)
  const tail = at < 0 ? '' : text.slice(at)
  let nonZero = false
  for (const char of head.slice(1)) {
    if (char === '.') continue
    if (char !== '0') nonZero = true
    if (nonZero) digits--
  }
  let result = head
  if (!head.includes('.')) {
    if (head.length === 2 && head[1] === '0') digits--
    result += '.'
  }
  return result + '0'.repeat(Math.max(digits, 0)) + tail
}
