/**
 * Character classes of YAML 1.1 as go-yaml v2 distinguishes them, as bits that one look-up tests. Codes are UTF-16
 * units. Above Latin-1 only the two Unicode line separators have a class.
 */
export const BLANK = 1
export const BREAK = 2
/** The NUL that the scanner appends to the text. (A NUL inside a text is refused before scanning.) */
export const END = 4
/** Ends a plain scalar inside a flow collection. */
export const FLOW_INDICATOR = 8
/** Allowed in anchors, tag handles and directive names. */
export const WORD = 16
/** Allowed in a tag besides WORD. */
export const URI = 32
/** Cannot start a plain scalar (with conditions for `-`, `?` and `:`, which the scanner knows). */
export const INDICATOR = 64

export const BLANK_OR_END = BLANK | BREAK | END
export const BREAK_OR_END = BREAK | END

const CLASSES = buildClasses()

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256)
  const add = (chars: string, bits: number): void => {
    for (const char of chars) {
      const code = char.charCodeAt(0)
      classes[code] = (classes[code] ?? 0) | bits
    }
  }
  add(' \t', BLANK)
  add('\n\r\x85', BREAK)
  add('\0', END)
  add(',?[]{}', FLOW_INDICATOR)
  add('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-', WORD)
  add(";/?:@&=+$,.!~*'()[]%", URI)
  add('-?:,[]{}#&*!|>\'"%@`', INDICATOR)
  return classes
}

export function classOf(code: number): number {
  // The index is below the table's length.
  if (code < 256) return CLASSES[code] as number
  return code === 0x2028 || code === 0x2029 ? BREAK : 0
}

/** The value of a hexadecimal digit, -1 for any other character. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1
}
