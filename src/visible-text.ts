/**
 * Escapes the characters that a terminal acts on or does not show, and quotes a pod's text in messages. Printing is in
 * cli/text.ts.
 */

/** C0, DEL, C1, bidirectional controls, zero-width and other invisible characters, line separators, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/** Nearly every text matches, and then nothing else needs to be done. */
const PLAIN = /^[ -~]*$/
const PLAIN_LINES = /^[\n -~]*$/

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** The text on one line, with every character that a terminal would act on escaped. Idempotent. */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNSAFE, (character) => SHORT.get(character) ?? escapeOf(character))
}

/** JSON text with these characters escaped inside its strings. It parses to the same data. */
export function visibleJson(json: string): string {
  if (PLAIN_LINES.test(json)) return json
  return json.replace(UNSAFE, (character) =>
    // Line breaks and tabs are layout here: inside JSON strings they are escaped already.
    SHORT.has(character) ? character : jsonEscape(character),
  )
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

function jsonEscape(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    return `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`
  }).join('')
}

/** The most characters of a pod's text that a message quotes. */
export const LONGEST_QUOTE = 80

/** In double quotes as in JSON, on one line and truncated. Every message shows a pod author's text like this. */
export function quoteText(text: string): string {
  return visibleText(JSON.stringify(cut(text)))
}

/** The same without quotes, for a message that puts its own around it. */
export function shortText(text: string): string {
  return visibleText(cut(text))
}

function cut(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE - 3).toWellFormed()}...`
}

/** Looks like nothing, or like an ordinary blank, and is neither. Tabs and line ends are not among them. */
const INVISIBLE = /[\u00a0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/gu

const INVISIBLE_NAMES: ReadonlyMap<number, string> = new Map([
  [0xa0, 'no-break space'],
  [0xad, 'soft hyphen'],
  [0x200b, 'zero width space'],
  [0x200c, 'zero width non-joiner'],
  [0x200d, 'zero width joiner'],
  [0x200e, 'left-to-right control'],
  [0x200f, 'right-to-left control'],
  [0x2028, 'line separator'],
  [0x2029, 'paragraph separator'],
  [0x202f, 'narrow no-break space'],
  [0x2060, 'word joiner'],
  [0x3000, 'ideographic space'],
  [0xfeff, 'byte order mark'],
])

export interface InvisibleCharacter {
  readonly code: number
  /** 1-based, in characters. */
  readonly column: number
}

/** A few are enough to find the rest. */
const MAX_INVISIBLE = 3

/** Those of one line that people do not see, at most three. */
export function invisibleCharacters(line: string): readonly InvisibleCharacter[] {
  if (PLAIN.test(line)) return []
  const found: InvisibleCharacter[] = []
  for (const { 0: character, index } of line.matchAll(INVISIBLE)) {
    found.push({ code: character.charCodeAt(0), column: index + 1 })
    if (found.length === MAX_INVISIBLE) break
  }
  return found
}

/** `U+00A0 (no-break space) at column 5`. */
export function describeInvisible({ code, column }: InvisibleCharacter): string {
  return `${nameOf(code)} at column ${column}`
}

/** `U+00A0 (no-break space)`; undefined for a character that can be seen. */
export function nameInvisible(character: string): string | undefined {
  return invisibleCharacters(character).length === 0 ? undefined : nameOf(character.charCodeAt(0))
}

function nameOf(code: number): string {
  const name = INVISIBLE_NAMES.get(code)
  const shown = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return name === undefined ? shown : `${shown} (${name})`
}
