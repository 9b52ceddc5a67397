/**
 * One line of YAML, as far as template-lines.ts needs it. Lines come from templates and may be long, so everything here is
 * linear in the length: no regular expression with more than one match for the same text.
 */

interface SplitLine {
  /** Indentation, dashes and key. */
  readonly head: string
  readonly value: string
  /** Only inside of braces and brackets: the comma, and white space. */
  readonly end: string
}

/** `key: value`, `- value`, `- key: value`; undefined for a line without a value. */
export function splitLine(line: string): SplitLine | undefined {
  let at = skip(line, 0, isSpace)
  while (line[at] === '-' && line[at + 1] === ' ') at = skip(line, at + 1, isBlank)
  const key = endOfKey(line, at)
  if (key !== undefined && isBlank(line[key])) at = skip(line, key, isBlank)
  return at >= line.length ? undefined : { head: line.slice(0, at), value: line.slice(at), end: '' }
}

/** `key: value,` on a line of its own inside of braces. */
export function splitFlowLine(line: string): SplitLine | undefined {
  const start = skip(line, 0, isSpace)
  const quoted = endOfQuoted(line, start)
  const colon = quoted ?? skip(line, start, isFlowKey)
  if (colon === start || line[colon] !== ':' || !isBlank(line[colon + 1])) return undefined
  const at = skip(line, colon + 1, isBlank)
  if (at >= line.length || '{['.includes(line[at] ?? '')) return undefined
  let end = line.length
  while (end > at + 1 && isBlank(line[end - 1])) end--
  if (end > at + 1 && line[end - 1] === ',') end--
  return { head: line.slice(0, at), value: line.slice(at, end), end: line.slice(end) }
}

/** The line ends with the indicator of a block scalar, such as `|-`. */
export function startsBlockScalar(line: string): boolean {
  return /(?:^|\s)[|>][+-]?\d?[+-]?\s*(?:#|$)/.test(line)
}

/** The number of braces and brackets that the line opens and does not close, without those in quotes. */
export function countOpen(line: string): number {
  let open = 0
  // A quote that is not closed on the line is an ordinary character, and so are all later ones of its kind.
  let unclosed = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? ''
    if ((character === '"' || character === "'") && !unclosed.includes(character)) {
      const end = endOfQuote(line, at)
      if (end === undefined) unclosed += character
      else at = end
    } else if (character === '{' || character === '[') open++
    else if (character === '}' || character === ']') open--
  }
  return open
}

/** The index of the closing quote. */
function endOfQuote(line: string, start: number): number | undefined {
  const quote = line[start]
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === '\\' && quote === '"') at++
    else if (line[at] === quote) return at
  }
  return undefined
}

/** The index after the colon of a key that starts here. */
function endOfKey(line: string, start: number): number | undefined {
  const first = line[start] ?? ''
  if (first === '"' || first === "'") {
    const end = endOfQuoted(line, start)
    return end !== undefined && line[end] === ':' ? end + 1 : undefined
  }
  if (first === '-' ? isSpace(line[start + 1]) || line[start + 1] === ':' : '#{[&*!|>'.includes(first))
    return undefined
  const colon = line.indexOf(':', start + 1)
  return colon < 0 ? undefined : colon + 1
}

/** The index after the closing quote. Keys have no escaped quotes here. */
function endOfQuoted(line: string, start: number): number | undefined {
  const quote = line[start] ?? ''
  if (quote !== '"' && quote !== "'") return undefined
  const end = line.indexOf(quote, start + 1)
  return end < 0 ? undefined : end + 1
}

function skip(line: string, start: number, accepts: (character: string | undefined) => boolean): number {
  let at = start
  while (at < line.length && accepts(line[at])) at++
  return at
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}

function isSpace(character: string | undefined): boolean {
  return character === undefined || /\s/.test(character)
}

function isFlowKey(character: string | undefined): boolean {
  return !isSpace(character) && !'"\':,{}[]'.includes(character ?? '')
}
