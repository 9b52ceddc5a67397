/**
 * The data and variables that a pipeline reads, derived from its tree. A read is either of a whole value, or of one key
 * of a map that the caller declares as such (KeyedRead).
 */
import type { Scope } from '../eval/scope.ts'
import type { CommandNode, OperandNode, PipeNode } from '../parse/ast.ts'

/**
 * Functions that read only one key of their first argument, named by their second: `index` and `isset` of
 * `.ObjectMeta.Annotations`.
 */
export interface KeyedRead {
  readonly functions: readonly string[]
  /** Path of fields from the root to the first argument. */
  readonly path: readonly string[]
}

/** A read of dot, or of `$` (slot 0) and other variables. */
export interface Read {
  /** Undefined: dot. */
  readonly slot: number | undefined
  /** The first field; undefined if the value is used as a whole. */
  readonly field: string | undefined
  /** Only that key of the map at a KeyedRead's path, provided that the read starts from the root. */
  readonly key: string | undefined
}

/** The tree alone does not show what it reads. */
export class Unspecialised extends Error {}

/** @throws Unspecialised for variables declared within an argument */
export function readsOf(pipe: PipeNode, scope: Scope, keyed: readonly KeyedRead[]): readonly Read[] {
  const reads: Read[] = []
  const walkPipe = (node: PipeNode): void => {
    for (const command of node.commands) walkCommand(command)
  }
  const walkCommand = (command: CommandNode): void => {
    const [first, ...operands] = command.operands
    const key = keyOf(command, keyed)
    if (key !== undefined && operands[0] !== undefined) {
      const slot = startOf(operands[0], scope)
      reads.push({ slot, field: key.field, key: key.key })
      for (const operand of operands.slice(2)) walkOperand(operand)
      return
    }
    if (first !== undefined) walkOperand(first)
    for (const operand of operands) walkOperand(operand)
  }
  const walkOperand = (node: OperandNode): void => {
    switch (node.kind) {
      case 'dot':
        reads.push({ slot: undefined, field: undefined, key: undefined })
        break
      case 'field':
      case 'variable':
        reads.push({ slot: startOf(node, scope), field: node.names[0], key: undefined })
        break
      case 'chain':
        walkOperand(node.operand)
        break
      case 'pipe':
        if (node.variables.length > 0) throw new Unspecialised('a variable is declared within an argument')
        walkPipe(node)
    }
  }
  walkPipe(pipe)
  return reads
}

function startOf(node: OperandNode, scope: Scope): number | undefined {
  return node.kind === 'variable' ? slotOf(node.name, scope) : undefined
}

/** The one slot that the name resolves to. @throws Unspecialised if there are several */
export function slotOf(name: string, scope: Scope): number {
  const { slots, sure } = scope.resolve(name)
  const [slot] = slots
  if (slot === undefined || !sure || slots.length > 1)
    throw new Unspecialised(`${name} may mean several variables`)
  return slot
}

/** The field and key of a command that is a keyed read, if it starts from the root. */
export function keyOf(
  { operands: [first, subject, key] }: CommandNode,
  keyed: readonly KeyedRead[],
): { readonly field: string | undefined; readonly key: string } | undefined {
  if (first?.kind !== 'identifier' || key?.kind !== 'string') return undefined
  if (subject?.kind !== 'field' && (subject?.kind !== 'variable' || subject.name !== '$')) return undefined
  const { names } = subject
  const known = keyed.some(
    ({ functions, path }) =>
      functions.includes(first.name) &&
      path.length === names.length &&
      path.every((name, i) => name === names[i]),
  )
  return known ? { field: names[0], key: key.value } : undefined
}
