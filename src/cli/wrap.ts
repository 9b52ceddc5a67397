/** Wraps lines of text at the width of the terminal. Escape sequences of colours have no width. */

/** At the start of a line that must stay one line. No text contains it, because control characters are escaped. */
export const UNWRAPPED = '\u0000'

const DEFAULT_COLUMNS = 80
/** Below this, a message would be one word a line. */
const MIN_COLUMNS = 40
/** A label wider than this does not indent the lines that follow. */
const MAX_HANG = 32

/** `$COLUMNS`, else the terminal's width, else 80. */
export function columnsOf(env: { readonly COLUMNS?: string | undefined }, terminalColumns?: number): number {
  const asked = Number(env.COLUMNS ?? '')
  const columns = Number.isInteger(asked) && asked > 0 ? asked : (terminalColumns ?? DEFAULT_COLUMNS)
  return Math.max(columns, MIN_COLUMNS)
}

export function wrapLines(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (line.includes(UNWRAPPED) ? line.replaceAll(UNWRAPPED, '') : wrapLine(line, columns)))
    .join('\n')
}

function wrapLine(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line
  const hang = ' '.repeat(hangOf(line))
  const indent = /^ */.exec(line)?.[0] ?? ''
  const rows: string[] = []
  let row = indent
  let started = false
  // Words with the spaces before them, so that columns inside a line keep their distance.
  for (const [word] of line.slice(indent.length).matchAll(/ *[^ ]+/g)) {
    if (started && widthOf(row) + widthOf(word) > columns) {
      rows.push(row)
      row = hang + word.trimStart()
    } else {
      row += word
    }
    started = true
  }
  return [...rows, row].join('\n')
}

/** Below the text after a label (`fix       Correct the label`), else two columns further in. */
function hangOf(line: string): number {
  const plain = line.replace(COLOURS, '')
  const labelled = /^( *\S+ {2,})\S/.exec(plain)?.[1]?.length ?? 0
  if (labelled > 0 && labelled <= MAX_HANG) return labelled
  const indent = /^ */.exec(plain)?.[0].length ?? 0
  return indent > 0 ? indent + 2 : 0
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of paint.ts, which have no width
const COLOURS = /\u001b\[\d+m/g

function widthOf(text: string): number {
  return text.replace(COLOURS, '').length
}
