/**
 * Compiles a template so that it reports which statement wrote which part of its output. For explanations and messages
 * only: the closures are those of the ordinary compiler, each statement wrapped in one more.
 */
import type { SetContext } from '../eval/compiler.ts'
import { type Execute, NORMAL } from '../eval/execution.ts'
import { compileList } from '../eval/statements.ts'
import { TemplateCompiler } from '../eval/template-compiler.ts'
import type { ListNode, ParsedTemplate, PipeNode, StatementNode } from '../parse/ast.ts'

/** Output written by one statement, including that of nested statements. In UTF-16 units. */
export interface TraceSpan {
  readonly start: number
  readonly end: number
  /** Where the statement's own output begins in the text of its template. */
  readonly offset: number
  readonly source: ParsedTemplate['source']
  /** The statement is plain text. */
  readonly isText: boolean
  /** The statement is an action. */
  readonly pipe?: PipeNode
}

export type ReportSpan = (span: TraceSpan) => void

export class TracingCompiler extends TemplateCompiler {
  readonly #source: ParsedTemplate['source']
  readonly #report: ReportSpan

  constructor(template: ParsedTemplate, set: SetContext, report: ReportSpan) {
    super(template, set)
    this.#source = template.source
    this.#report = report
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
    const written = {
      offset: node.offset,
      source: this.#source,
      isText: node.kind === 'text',
      ...(node.kind === 'action' && { pipe: node.pipe }),
    }
    return (frame, dot) => {
      const start = frame.run.output.length
      const ending = execute(frame, dot)
      const end = frame.run.output.length
      if (end > start) this.#report({ start, end, ...written })
      return ending
    }
  }
}
