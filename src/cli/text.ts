/**
 * Owns: text for people on terminals. Commands print values of the type Text only, and whatever is put into one is made
 * visible first: no file, pod or object can move a cursor, forge a line or reach the clipboard. Not here: what is
 * printed, colours (paint.ts), HTML (html.ts).
 */
import { visibleJson, visibleText } from '../visible-text.ts'

class SafeText {
  /** Also what keeps plain strings and look-alikes from being taken for one. */
  readonly #raw: string

  constructor(raw: string) {
    this.#raw = raw
  }

  static rawOf(text: SafeText): string {
    return text.#raw
  }

  /** In a plain template literal it would lose its protection, and be a defect of ours. */
  [Symbol.toPrimitive](): never {
    throw new TypeError('a Text was put into a plain string: use the text tag')
  }
}

export type Text = SafeText
export type TextPart = string | number | Text

/** A tagged template: text`pod ${name}`. The literal parts are ours and stay as they are. */
export function text(literals: TemplateStringsArray, ...parts: readonly TextPart[]): Text {
  const all = literals.map((literal, index) => (index === 0 ? '' : partOf(parts[index - 1] ?? '')) + literal)
  return new SafeText(all.join(''))
}

export const EMPTY: Text = text``

/** One part after another, the separator between them. */
export function joinText(parts: readonly TextPart[], separator: string): Text {
  return new SafeText(parts.map(partOf).join(visibleText(separator)))
}

/** Each on a line of its own, the last one ended too. */
export function lines(parts: readonly TextPart[]): Text {
  return new SafeText(parts.map((part) => `${partOf(part)}\n`).join(''))
}

/** Groups of lines with an empty line between; empty groups are left out. */
export function paragraphs(groups: readonly (readonly TextPart[])[]): Text {
  const filled = groups.filter((group) => group.length > 0)
  return lines(filled.flatMap((group, index) => (index === 0 ? group : ['', ...group])))
}

/**
 * A message of ours that may show an excerpt of a template: further lines are indented, so that none of them can look
 * like a line of its own.
 */
export function messageText(prefix: string, message: string): Text {
  const [first = '', ...rest] = message.split('\n')
  return lines([text`${prefix}${first}`, ...rest.map((line) => text`  ${line}`)])
}

/** Columns two spaces apart. Only what stands in the last one may be painted: of it no width is taken. */
export function tableLines(rows: readonly (readonly TextPart[])[]): readonly Text[] {
  const cells = rows.map((row) => row.map(partOf))
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)))
  return cells.map((row) => {
    const padded = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
    return new SafeText(padded.join('  ').trimEnd())
  })
}

/** Text of ours as it is: help, completion scripts. Never for what holds anything of a file, cluster or option. */
export function ownText(whole: string): Text {
  return new SafeText(whole)
}

/** A value as JSON: the same data, with no character that a terminal would act on. */
export function jsonData(value: unknown, indent?: number): Text {
  return new SafeText(`${visibleJson(JSON.stringify(value, undefined, indent))}\n`)
}

/** Manifests of the user with what was injected: data for other programs, byte for byte. */
export function manifestData(yaml: string): Text {
  return new SafeText(yaml)
}

/** A page of html.ts, which has escaped what a terminal would act on. */
export function htmlPage(page: string): Text {
  return new SafeText(page)
}

/** Between two sequences of our own. Only for paint.ts. */
export function surround(open: string, part: TextPart, close: string): Text {
  return new SafeText(open + partOf(part) + close)
}

/** For the process's own streams, and for nothing else. */
export function rawText(safe: Text): string {
  return SafeText.rawOf(safe)
}

function partOf(part: TextPart): string {
  return part instanceof SafeText ? SafeText.rawOf(part) : visibleText(String(part))
}
