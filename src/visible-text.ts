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
