/** A position in the template as the compiled code knows it, and failing there. */
import { type ExecErrorClass, TemplateExecError } from '../errors.ts'
import type { CommandNode, OperandNode, ParsedTemplate, TemplateNode } from '../parse/ast.ts'
import { printNode } from '../parse/print-node.ts'

export class Site {
  readonly #template: ParsedTemplate
  readonly #node:
    | OperandNode
    | CommandNode
    | TemplateNode
    | { readonly kind: 'text'; readonly offset: number }

  constructor(
    template: ParsedTemplate,
    node: OperandNode | CommandNode | TemplateNode | { readonly kind: 'text'; readonly offset: number },
  ) {
    this.#template = template
    this.#node = node
  }

  fail(kind: ExecErrorClass, message: string): never {
    const { source, name } = this.#template
    const node = this.#node
    throw new TemplateExecError(
      kind,
      {
        place: { template: source.name, text: source.text, offset: node.offset },
        executing: name,
        snippet: node.kind === 'text' ? '' : printNode(node),
      },
      message,
    )
  }
}
