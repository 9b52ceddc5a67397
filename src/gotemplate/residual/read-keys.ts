/** The keys that templates read through KeyedReads, collected from their trees. */
import type { ListNode, OperandNode, ParsedTemplate, PipeNode } from '../parse/ast.ts'
import { type KeyedRead, keyOf } from './pipe-reads.ts'

export function collectKeys(
  templates: Iterable<ParsedTemplate>,
  keyed: readonly KeyedRead[],
): ReadonlySet<string> {
  const keys = new Set<string>()
  const walkList = (list: ListNode | undefined): void => {
    for (const node of list?.nodes ?? []) {
      if ('pipe' in node && node.pipe !== undefined) walkPipe(node.pipe)
      if ('list' in node) {
        walkList(node.list)
        walkList(node.elseList)
      }
    }
  }
  const walkPipe = (pipe: PipeNode): void => {
    for (const command of pipe.commands) {
      const found = keyOf(command, keyed)
      if (found !== undefined) keys.add(found.key)
      for (const operand of command.operands) walkOperand(operand)
    }
  }
  const walkOperand = (node: OperandNode): void => {
    if (node.kind === 'pipe') walkPipe(node)
    else if (node.kind === 'chain') walkOperand(node.operand)
  }
  for (const template of templates) walkList(template.root)
  return keys
}
