/**
 * The tree that the parser builds. Every node has the UTF-16 offset that Go reports for it (for a chain of fields, that
 * of its second part).
 */
export interface ParsedTemplate {
  readonly name: string
  /** Name and text of the whole source that contains it, for positions. */
  readonly source: { readonly name: string; readonly text: string }
  readonly root: ListNode
}

interface BaseNode {
  readonly offset: number
}

export interface ListNode extends BaseNode {
  readonly kind: 'list'
  readonly nodes: readonly StatementNode[]
}

export type StatementNode = TextNode | ActionNode | BranchNode | RangeNode | TemplateNode | JumpNode

export interface TextNode extends BaseNode {
  readonly kind: 'text'
  readonly text: string
}

export interface ActionNode extends BaseNode {
  readonly kind: 'action'
  readonly pipe: PipeNode
}

export interface BranchNode extends BaseNode {
  readonly kind: 'if' | 'with'
  readonly pipe: PipeNode
  readonly list: ListNode
  readonly elseList: ListNode | undefined
}

export interface RangeNode extends BaseNode {
  readonly kind: 'range'
  readonly pipe: PipeNode
  readonly list: ListNode
  readonly elseList: ListNode | undefined
}

export interface TemplateNode extends BaseNode {
  readonly kind: 'template'
  readonly name: string
  readonly pipe: PipeNode | undefined
}

export interface JumpNode extends BaseNode {
  readonly kind: 'break' | 'continue'
}

export interface PipeNode extends BaseNode {
  readonly kind: 'pipe'
  /** `$x` and so on, in order. */
  readonly variables: readonly string[]
  /** `=` rather than `:=`. */
  readonly assigns: boolean
  readonly commands: readonly CommandNode[]
}

export interface CommandNode extends BaseNode {
  readonly kind: 'command'
  /** At least one. */
  readonly operands: readonly OperandNode[]
}

export type OperandNode =
  | FieldNode
  | ChainNode
  | VariableNode
  | IdentifierNode
  | PipeNode
  | NumberNode
  | StringNode
  | BoolNode
  | DotNode
  | NilNode

export interface FieldNode extends BaseNode {
  readonly kind: 'field'
  readonly names: readonly string[]
}

export interface ChainNode extends BaseNode {
  readonly kind: 'chain'
  readonly operand: OperandNode
  readonly names: readonly string[]
}

export interface VariableNode extends BaseNode {
  readonly kind: 'variable'
  /** `$` or `$x`. */
  readonly name: string
  readonly names: readonly string[]
}

export interface IdentifierNode extends BaseNode {
  readonly kind: 'identifier'
  readonly name: string
}

/** A constant; each form is set if the constant can be represented in it. */
export interface NumberNode extends BaseNode {
  readonly kind: 'number'
  readonly text: string
  readonly int?: bigint
  readonly uint?: bigint
  readonly float?: number
  readonly complex?: { readonly real: number; readonly imaginary: number }
}

export interface StringNode extends BaseNode {
  readonly kind: 'string'
  readonly value: string
  readonly quoted: string
}

export interface BoolNode extends BaseNode {
  readonly kind: 'bool'
  readonly value: boolean
}

export interface DotNode extends BaseNode {
  readonly kind: 'dot'
}

export interface NilNode extends BaseNode {
  readonly kind: 'nil'
}
