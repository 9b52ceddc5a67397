/**
 * Finds the line of a field in a YAML or pretty-printed JSON text by its indentation, as charts and people write them.
 * It is for messages only: for texts in other styles there is no line.
 */

/** 1-based; undefined if it is not found. */
export function findLine(text: string, path: readonly (string | number)[]): number | undefined {
  const lines = text.split('\n')
  let [from, until, found] = [0, lines.length, -1]
  for (const step of path) {
    found = typeof step === 'number' ? findItem(lines, from, until, step) : findKey(lines, from, until, step)
    if (found < 0) return undefined
    // An item's first key is on the line of its dash.
    from = typeof step === 'number' ? found : found + 1
    until = endOfBlock(lines, found, until, typeof step === 'number')
  }
  return found < 0 ? undefined : found + 1
}

function findKey(lines: readonly string[], from: number, until: number, key: string): number {
  const indent = outermost(lines, from, until, contentIndent)
  for (let i = from; i < until; i++) {
    const content = (lines[i] ?? '').slice(indent)
    if (contentIndent(lines[i]) !== indent) continue
    if ([`${key}:`, `"${key}":`, `'${key}':`].some((start) => content.startsWith(start))) return i
  }
  return -1
}

function findItem(lines: readonly string[], from: number, until: number, index: number): number {
  const isDash = (line: string | undefined) => /^ *-(?: |$)/.test(line ?? '')
  const indent = outermost(lines, from, until, (line) => (isDash(line) ? blankIndent(line) : undefined))
  const items = [...lines.entries()].filter(
    ([i, line]) => i >= from && i < until && isDash(line) && blankIndent(line) === indent,
  )
  return items[index]?.[0] ?? -1
}

function outermost(
  lines: readonly string[],
  from: number,
  until: number,
  indentOf: (line: string | undefined) => number | undefined,
): number {
  const indents = lines.slice(from, until).flatMap((line) => indentOf(line) ?? [])
  return indents.length === 0 ? -1 : Math.min(...indents)
}

/** The first line that belongs to something beside or above the block. */
function endOfBlock(lines: readonly string[], start: number, until: number, isItem: boolean): number {
  const indent = (isItem ? blankIndent : contentIndent)(lines[start]) ?? 0
  for (let i = start + 1; i < until; i++) {
    const line = lines[i]
    const own = blankIndent(line)
    if (own === undefined) continue
    // A list may be indented as little as its key.
    const listOfKey = !isItem && own === indent && /^ *-(?: |$)/.test(line ?? '')
    if (own <= indent && !listOfKey) return i
  }
  return until
}

/** Blanks before the line; undefined for an empty line or a comment. */
function blankIndent(line: string | undefined): number | undefined {
  const found = /^( *)[^ #]/.exec(line ?? '')
  return found === null ? undefined : (found[1] ?? '').length
}

/** Column of the content, after the dash of an item. */
function contentIndent(line: string | undefined): number | undefined {
  const found = /^ *(?:- +)?(?=[^ #-])/.exec(line ?? '')
  return found === null || /^\s*[{}[\]],?\s*$/.test(line ?? '') ? undefined : found[0].length
}
