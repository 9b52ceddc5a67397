/** Positions in a template's text, and showing one with a caret. */

/** Line and column, both 1-based; the column counts UTF-8 bytes, as Go does. */
export interface Location {
  readonly line: number
  readonly column: number
}

/** The location of a UTF-16 offset. */
export function locate(text: string, offset: number): Location {
  const start = lineStart(text, offset)
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < start; at = text.indexOf('\n', at + 1)) line++
  return { line, column: Buffer.byteLength(text.slice(start, offset)) + 1 }
}

/** How much of a long line is shown on each side of the position. */
const SHOWN_BEFORE = 100
const SHOWN_AFTER = 60

/**
 * The line of the position, or as much of it as fits, with a caret under it:
 *
 *     12 | image: {{ .Values.hub
 *        |           ^
 */
export function showSource(text: string, offset: number): string {
  const start = lineStart(text, offset)
  const end = text.indexOf('\n', offset)
  const lineEnd = end === -1 ? text.length : end
  const from = offset - start > SHOWN_BEFORE ? offset - SHOWN_BEFORE : start
  const to = Math.min(lineEnd, offset + SHOWN_AFTER)
  const before = `${from > start ? '...' : ''}${text.slice(from, offset)}`.toWellFormed()
  const after = `${text.slice(offset, to)}${to < lineEnd ? '...' : ''}`.toWellFormed()
  const number = String(locate(text, offset).line)
  const pad = before.replace(/[^\t]/g, ' ')
  return `${number} | ${before}${after}\n${' '.repeat(number.length)} | ${pad}^`
}

function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
}
