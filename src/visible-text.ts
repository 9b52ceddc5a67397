/**
 * Owns: which characters a terminal acts on or does not show, and how they are written instead; and how a text of a pod
 * is quoted in a message. Not here: who prints (cli/text.ts).
 */

/** C0, DEL, C1, bidirectional controls, zero-width and other invisible characters, separators of lines, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/** What nearly every text consists of: one look, and nothing else is to be done. */
const PLAIN = /^[ -~]*$/
const PLAIN_LINES = /^[\n -~]*$/

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** The text on one line, each character that a terminal would act on as an escape. Applied twice it changes nothing more. */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNSAFE, (character) => SHORT.get(character) ?? escapeOf(character))
}

/** JSON text whose strings hold none of these characters raw: the same data. */
export function visibleJson(json: string): string {
  if (PLAIN_LINES.test(json)) return json
  return json.replace(UNSAFE, (character) =>
    // The line breaks and tabs of JSON text are its layout; inside strings they are escaped already.
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

/** Characters of one pod's text that a message may hold. */
export const LONGEST_QUOTE = 80

/** In double quotes, as JSON writes it, on one line and cut: how every message shows a text that a pod's author wrote. */
export function quoteText(text: string): string {
  return visibleText(JSON.stringify(cut(text)))
}

/** The same for a place that has quotes of its own. */
export function shortText(text: string): string {
  return visibleText(cut(text))
}

function cut(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE - 3).toWellFormed()}...`
}
