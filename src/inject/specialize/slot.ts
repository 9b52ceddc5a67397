/**
 * A slot is where a value of the request stands in what a template writes. This file says when a value may be put into it
 * without parsing the text around it again.
 */
import { isPlainText } from '../../json/index.ts'

export interface Slot {
  /** The value brings its own double quotes along, as `quote` writes it. */
  readonly quoted: boolean
  readonly context: Context
}

/** The scalar that the slot is in: plain, in double or single quotes, or a literal block. */
export type Context = 'plain' | 'double' | 'single' | 'literal'

/** With which character of the text a scalar begins; a folded block is no context for a slot. */
export function contextOf(begin: string): Context | undefined {
  switch (begin) {
    case '"':
      return 'double'
    case "'":
      return 'single'
    case '|':
      return 'literal'
    case '>':
      return undefined
    default:
      return 'plain'
  }
}

/**
 * Printable ASCII without what ends the scalar, begins an escape or separates something in it. Never empty: blanks
 * beside it would be trimmed, and types drop what is empty.
 */
const SAFE: { readonly [context in Context]: RegExp } = {
  plain: /^[A-Za-z0-9_./-]+$/,
  double: /^[ !#-[\]-~]+$/,
  single: /^[ -&(-~]+$/,
  // Blanks at the beginning could count as indentation.
  literal: /^[!-~][ -~]*$/,
}

/** Far from the 1,024 characters after which YAML takes a text for no key. */
const LONGEST = 512

/** What the value adds to the scalar; undefined where it might change how the text is read. */
export function readSlot(value: string, { quoted, context }: Slot): string | undefined {
  const text = quoted ? withoutQuotes(value) : value
  return text === undefined || text.length > LONGEST || !SAFE[context].test(text) ? undefined : text
}

export function withoutQuotes(value: string): string | undefined {
  const last = value.length - 1
  return last > 0 && value.charCodeAt(0) === 0x22 && value.charCodeAt(last) === 0x22
    ? value.slice(1, last)
    : undefined
}

/** A scalar with slots in it: `texts` has one more than `slots`, which are numbers of slots. */
export interface Scalar {
  readonly texts: readonly string[]
  readonly slots: readonly number[]
}

export function fillScalar({ texts, slots }: Scalar, values: readonly string[]): string {
  let text = texts[0] as string // there is always one more text
  for (let i = 0; i < slots.length; i++) {
    text += (values[slots[i] as number] as string) + (texts[i + 1] as string) // slots are numbered as values are
  }
  return text
}

/** A plain scalar that still reads as a string, and could begin where any other one could. */
export function isStillPlain(text: string): boolean {
  return /^[A-Za-z_/$]/.test(text) && isPlainText(text)
}
