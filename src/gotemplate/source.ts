/** Owns: positions in a template's text, and showing one with a caret. */

/** Line and column, both 1-based; the column counts UTF-8 bytes, as Go does. */
export interface Location {
  readonly line: number
  readonly column: number
}

/** Where a UTF-16 offset lies. */
export function locate(text: string, offset: number): Location {
  const start = lineStart(text, offset)
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < start; at = text.indexOf('\n', at + 1)) line++
  return { line, column: Buffer.byteLength(text.slice(start, offset)) + 1 }
}

/**
 * The line of the place with a caret under it:
 *
 *     12 | image: {{ .Values.hub
 *        |           ^
 */
export function showSource(text: string, offset: number): string {
  const start = lineStart(text, offset)
  const end = text.indexOf('\n', offset)
  const line = text.slice(start, end === -1 ? text.length : end)
  const number = String(locate(text, offset).line)
  const pad = line.slice(0, offset - start).replace(/[^\t]/g, ' ')
  return `${number} | ${line}\n${' '.repeat(number.length)} | ${pad}^`
}

function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
}
