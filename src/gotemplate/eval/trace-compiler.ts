/**
 * Compiles a template so that it reports which statement wrote which part of its output. Used for explanations only:
 * the closures are those of the ordinary compiler, each statement wrapped in one more.
 */
import type { ListNode, ParsedTemplate, StatementNode } from '../parse/ast.ts'
import type { SetContext } from './compiler.ts'
import { type Execute, NORMAL } from './execution.ts'
import { compileList } from './statements.ts'
import { TemplateCompiler } from './template-compiler.ts'

/** Output written by one statement, including that of nested statements. In UTF-16 units. */
export interface TraceSpan {
  readonly start: number
  readonly end: number
  /** 1-based line in the template's text at which the statement's own output begins. */
  readonly line: number
  /** The statement is plain text. */
  readonly isText: boolean
}

export type Trace = (span: TraceSpan) => void

export class TracingCompiler extends TemplateCompiler {
  readonly #text: string
  readonly #trace: Trace

  constructor(template: ParsedTemplate, set: SetContext, trace: Trace) {
    super(template, set)
    this.#text = template.source.text
    this.#trace = trace
  }

  override list(list: ListNode): Execute {
    const statements = list.nodes.map((node) => this.#traced(list, node))
    return (frame, dot) => {
      for (const statement of statements) {
        const ending = statement(frame, dot)
        if (ending !== NORMAL) return ending
      }
      return NORMAL
    }
  }

  #traced(list: ListNode, node: StatementNode): Execute {
    // A list of one statement, so that the ordinary compiler handles every kind of statement.
    const execute = compileList(this, { ...list, nodes: [node] })
    const line = this.#text.slice(0, node.offset).split('\n').length
    const isText = node.kind === 'text'
    return (frame, dot) => {
      const start = frame.run.output.length
      const ending = execute(frame, dot)
      const end = frame.run.output.length
      if (end > start) this.#trace({ start, end, line, isText })
      return ending
    }
  }
}
