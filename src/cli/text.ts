/**
 * Text that is safe to print on a terminal. Commands print only values of the type Text, and everything that is put into
 * one is escaped first: no file, pod or object can move a cursor, forge a line or reach the clipboard. Colours are in
 * paint.ts, HTML in html.ts.
 */
import { visibleJson, visibleText } from '../visible-text.ts'
import { UNWRAPPED, wrapLines } from './wrap.ts'

class SafeText {
  /** Private, so that no other type is assignable. */
  readonly #raw: string
  readonly #forPeople: boolean

  /** @param forPeople sentences, whose lines are wrapped; data for programs is printed as it is */
  constructor(raw: string, forPeople = true) {
    this.#raw = raw
    this.#forPeople = forPeople
  }

  static rawOf(text: SafeText): string {
    return text.#raw
  }

  static isForPeople(text: SafeText): boolean {
    return text.#forPeople
  }

  /** A plain template literal would drop the protection. */
  [Symbol.toPrimitive](): never {
    throw new TypeError('a Text was put into a plain string: use the text tag')
  }
}

export type Text = SafeText
export type TextPart = string | number | Text

/** A tagged template: text`pod ${name}`. The literal parts are not escaped. */
export function text(literals: TemplateStringsArray, ...parts: readonly TextPart[]): Text {
  const all = literals.map((literal, index) => (index === 0 ? '' : partOf(parts[index - 1] ?? '')) + literal)
  return new SafeText(all.join(''))
}

export const EMPTY: Text = text``

/** The parts with the separator between them. */
export function joinText(parts: readonly TextPart[], separator: string): Text {
  return new SafeText(parts.map(partOf).join(visibleText(separator)))
}

/** Each part on its own line, including a final line break. */
export function lines(parts: readonly TextPart[]): Text {
  return new SafeText(parts.map((part) => `${partOf(part)}\n`).join(''))
}

/** Groups of lines, separated by empty lines. Empty groups are left out. */
export function paragraphs(groups: readonly (readonly TextPart[])[]): Text {
  const filled = groups.filter((group) => group.length > 0)
  return lines(filled.flatMap((group, index) => (index === 0 ? group : ['', ...group])))
}

/** A message that may contain an excerpt of a template. Its further lines are indented, so that none can pose as a message. */
export function messageText(prefix: string, message: string): Text {
  const [first = '', ...rest] = message.split('\n')
  return lines([text`${prefix}${first}`, ...rest.map((line) => unwrapped(text`  ${line}`))])
}

/** A line that is never wrapped: a command to paste, or an excerpt with a caret under it. */
export function unwrapped(line: TextPart): Text {
  return new SafeText(UNWRAPPED + partOf(line))
}

/** Columns separated by two spaces. Only the last one may have colours, because its width is not measured. */
export function tableLines(rows: readonly (readonly TextPart[])[]): readonly Text[] {
  const cells = rows.map((row) => row.map(partOf))
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)))
  return cells.map((row) => {
    const padded = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
    return new SafeText(UNWRAPPED + padded.join('  ').trimEnd())
  })
}

/** Trusted text as it is: help, completion scripts. Never for anything from a file, a cluster or an option. */
export function ownText(whole: string): Text {
  return new SafeText(whole, false)
}

/** A value as JSON, with characters that a terminal acts on escaped. */
export function jsonData(value: unknown, indent?: number): Text {
  return new SafeText(`${visibleJson(JSON.stringify(value, undefined, indent))}\n`, false)
}

/** The user's manifests after injection: data for other programs, byte for byte. */
export function manifestData(yaml: string): Text {
  return new SafeText(yaml, false)
}

/** A page of html.ts, which has escaped what a terminal would act on. */
export function htmlPage(page: string): Text {
  return new SafeText(page, false)
}

/** Only for paint.ts. */
export function surround(open: string, part: TextPart, close: string): Text {
  return new SafeText(open + partOf(part) + close)
}

/**
 * Only for the streams of the process.
 * @param columns the width that lines of sentences are wrapped to
 */
export function rawText(safe: Text, columns: number): string {
  const raw = SafeText.rawOf(safe)
  return SafeText.isForPeople(safe) ? wrapLines(raw, columns) : raw
}

function partOf(part: TextPart): string {
  return part instanceof SafeText ? SafeText.rawOf(part) : visibleText(String(part))
}
