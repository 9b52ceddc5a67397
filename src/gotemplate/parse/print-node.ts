/** Prints nodes as text, for messages. */
import type { CommandNode, OperandNode, PipeNode, TemplateNode } from './ast.ts'

export function printNode(node: OperandNode | CommandNode | TemplateNode): string {
  switch (node.kind) {
    case 'field':
      return node.names.map((name) => `.${name}`).join('')
    case 'variable':
      return [node.name, ...node.names].join('.')
    case 'chain': {
      const inner = printNode(node.operand)
      return `${node.operand.kind === 'pipe' ? `(${inner})` : inner}.${node.names.join('.')}`
    }
    case 'identifier':
      return node.name
    case 'pipe':
      return printPipe(node)
    case 'command':
      return node.operands
        .map((operand) => (operand.kind === 'pipe' ? `(${printPipe(operand)})` : printNode(operand)))
        .join(' ')
    case 'number':
      return node.text
    case 'string':
      return node.quoted
    case 'bool':
      return String(node.value)
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe === undefined ? '' : ` ${printPipe(node.pipe)}`}}}`
  }
}

function printPipe(pipe: PipeNode): string {
  const declared =
    pipe.variables.length === 0 ? '' : `${pipe.variables.join(', ')} ${pipe.assigns ? '=' : ':='} `
  return declared + pipe.commands.map(printNode).join(' | ')
}
