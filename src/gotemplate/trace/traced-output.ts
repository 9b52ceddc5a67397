/** A template's output together with the statements that wrote it. */
import type { PipeNode } from '../parse/ast.ts'
import { printNode } from '../parse/print-node.ts'
import { locate } from '../source.ts'
import type { DataPath } from './data-paths.ts'
import type { TraceSpan } from './trace-compiler.ts'

/** What an action wrote. */
export interface WrittenExpression {
  /** Of the output, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /** 1-based line in the template's text. */
  readonly line: number
  /** The action as Go prints it, without braces. */
  readonly expression: string
  /** What it reads of the data, as far as its tree shows it. */
  readonly reads: readonly DataPath[]
}

export class TracedOutput {
  readonly text: string
  readonly #spans: readonly TraceSpan[]
  readonly #readsOf: (pipe: PipeNode) => readonly DataPath[]
  readonly #starts: readonly number[]

  constructor(text: string, spans: readonly TraceSpan[], readsOf: (pipe: PipeNode) => readonly DataPath[]) {
    this.text = text
    this.#spans = spans
    this.#readsOf = readsOf
    this.#starts = lineStarts(text)
  }

  /** A line of the output, 1-based, without its end. */
  lineText(line: number): string | undefined {
    const start = this.#starts[line - 1]
    return start === undefined ? undefined : this.text.slice(start, this.#endOf(line))
  }

  /** The actions whose output the predicate selects, in its order. */
  expressions(selects: (span: { readonly start: number; readonly end: number }) => boolean) {
    return this.#spans
      .flatMap((span) => (span.pipe !== undefined && selects(span) ? [this.#written(span, span.pipe)] : []))
      .toSorted((a, b) => a.start - b.start)
  }

  /** The actions that wrote a part of that line of the output, 1-based. */
  expressionsOfLine(line: number): readonly WrittenExpression[] {
    const from = this.#starts[line - 1]
    if (from === undefined) return []
    const to = this.#endOf(line)
    return this.expressions(({ start, end }) => start < to && from < end)
  }

  /**
   * The template's line that wrote a line of the output, both 1-based: that of the innermost statement at its end, where
   * the value is.
   */
  templateLine(line: number): number | undefined {
    const start = this.#starts[line - 1]
    if (start === undefined) return undefined
    const at = start + lengthWithoutQuotes(this.text.slice(start, this.#endOf(line))) - 1
    let found: TraceSpan | undefined
    for (const span of this.#spans) {
      const covers = span.start <= at && at < span.end
      // Inner statements are reported first.
      if (covers && (found === undefined || span.end - span.start < found.end - found.start)) found = span
    }
    if (found === undefined) return undefined
    const first = locate(found.source.text, found.offset).line
    return found.isText ? first + this.text.slice(found.start, at).split('\n').length - 1 : first
  }

  #written({ start, end, source, offset }: TraceSpan, pipe: PipeNode): WrittenExpression {
    const { line } = locate(source.text, offset)
    return { start, end, line, expression: printNode(pipe), reads: this.#readsOf(pipe) }
  }

  #endOf(line: number): number {
    const next = this.#starts[line]
    return next === undefined ? this.text.length : next - 1
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** The length without white space and quotes at the end. */
export function lengthWithoutQuotes(line: string): number {
  let end = line.trimEnd().length
  while (end > 0 && (line[end - 1] === '"' || line[end - 1] === "'")) end--
  return end
}
