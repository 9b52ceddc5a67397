/**
 * Owns: what compiling the parts of one template shares. An interface, since the parts need each other in a circle:
 * template-compiler.ts ties it.
 */
import type { FunctionSpec } from '../functions.ts'
import type {
  CommandNode,
  ListNode,
  OperandNode,
  PipeNode,
  TemplateNode,
  VariableNode,
} from '../parse/ast.ts'
import type { Evaluate, Execute } from './execution.ts'
import type { Scope } from './scope.ts'
import type { Site } from './site.ts'

/** A template's code; made before its body is compiled, since templates may call each other. */
export interface TemplateCode {
  readonly name: string
  body: Execute
  slots: number
  /** Nesting of its blocks and parentheses, at least 1. */
  nesting: number
}

/** What all templates of a set share. */
export interface SetContext {
  readonly templates: ReadonlyMap<string, TemplateCode>
  lookUp(name: string): FunctionUse
}

export interface FunctionUse {
  readonly spec: FunctionSpec
  /** One of Go's own, which `and`, `or` and `call` must be to have their own rules. */
  readonly builtin: boolean
}

export interface Compiler {
  readonly scope: Scope
  readonly set: SetContext
  site(
    node: OperandNode | CommandNode | TemplateNode | { readonly kind: 'text'; readonly offset: number },
  ): Site
  /** Compiles something that nests one deeper. */
  nested<T>(compile: () => T): T
  pipeline(pipe: PipeNode): Evaluate
  list(list: ListNode): Execute
  /** An operand that stands alone, as an argument or before a chain of fields. */
  operand(node: OperandNode): Evaluate
  /** Reads a variable, without its fields. */
  variable(node: VariableNode): Evaluate
  /** A compiler for this place, to be used later. */
  freeze(): Compiler
}
