/** The flags of one verb and the padding they require (Go's fmt.fmt). */
import type { FunctionContext } from '../context.ts'
import { hasRawBytes, runeCount } from '../strconv/go-string.ts'

export class Flags {
  width: number | undefined
  precision: number | undefined
  minus = false
  plus = false
  sharp = false
  space = false
  zero = false
  /** `%+v` and `%#v`, which change the meaning of the flag. */
  plusV = false
  sharpV = false

  clear(): void {
    this.width = undefined
    this.precision = undefined
    this.minus = false
    this.plus = false
    this.sharp = false
    this.space = false
    this.zero = false
    this.plusV = false
    this.sharpV = false
  }
}

/** The padding missing from a text of that many runes. */
export function padding(flags: Flags, length: number, context: FunctionContext): string {
  const missing = (flags.width ?? 0) - length
  if (missing <= 0) return ''
  context.budget.allocate(missing)
  // Zeros are added only on the left.
  return (flags.zero && !flags.minus ? '0' : ' ').repeat(missing)
}

export function pad(flags: Flags, text: string, context: FunctionContext): string {
  if (flags.width === undefined) return text
  const fill = padding(flags, runeCount(text), context)
  return flags.minus ? text + fill : fill + text
}

/** Pads with spaces, whatever the flags say. */
export function padWithSpaces(flags: Flags, text: string, context: FunctionContext): string {
  const { zero } = flags
  flags.zero = false
  const padded = pad(flags, text, context)
  flags.zero = zero
  return padded
}

/** The first runes of the text, up to the precision. */
export function truncate(flags: Flags, text: string): string {
  if (flags.precision === undefined || text.length <= flags.precision) return text
  if (!hasRawBytes(text) && !/[\ud800-\udfff]/.test(text)) return text.slice(0, flags.precision)
  return [...text].slice(0, flags.precision).join('')
}
