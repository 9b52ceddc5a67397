/**
 * A slot is the position of a request's value in a template's output. This file decides when a value may be inserted
 * without parsing the surrounding text again.
 */
import { isPlainText } from '../../json/index.ts'

export interface Slot {
  /** The value includes its own double quotes, as `quote` writes it. */
  readonly quoted: boolean
  readonly context: Context
}

/** The scalar that contains the slot: plain, in double or single quotes, or a literal block. */
export type Context = 'plain' | 'double' | 'single' | 'literal'

/** The context for the first character of a scalar; a folded block is no context for a slot. */
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
 * Printable ASCII without characters that end the scalar, begin an escape or separate something in it. Never empty:
 * blanks beside it would be trimmed, and types drop empty values.
 */
const SAFE: { readonly [context in Context]: RegExp } = {
  plain: /^[A-Za-z0-9_./-]+$/,
  double: /^[ !#-[\]-~]+$/,
  single: /^[ -&(-~]+$/,
  // Leading blanks could count as indentation.
  literal: /^[!-~][ -~]*$/,
}

/** Far below the 1,024 characters within which YAML recognises a key. */
const LONGEST = 512

/** What the value contributes to the scalar; undefined if it might change how the text is parsed. */
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

/** A scalar with slots in it: `texts` has one item more than `slots`, which are numbers of slots. */
export interface Scalar {
  readonly texts: readonly string[]
  readonly slots: readonly number[]
}

export function fillScalar({ texts, slots }: Scalar, values: readonly string[]): string {
  let text = texts[0] as string // there is always one more text
  for (let i = 0; i < slots.length; i++) {
    text += (values[slots[i] as number] as string) + (texts[i + 1] as string) // slots are numbered like values
  }
  return text
}

/** A plain scalar that is still parsed as a string, and that could start at any position. */
export function isStillPlain(text: string): boolean {
  return /^[A-Za-z_/$]/.test(text) && isPlainText(text)
}
