/**
 * The state shared while one template is compiled. It is an interface because the parts depend on each other; the
 * implementation is in template-compiler.ts.
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

/** A template's code; created before its body is compiled, because templates may call each other. */
export interface TemplateCode {
  readonly name: string
  body: Execute
  slots: number
  /** Nesting of its blocks and parentheses, at least 1. */
  nesting: number
}

/** The state shared by all templates of a set. */
export interface SetContext {
  readonly templates: ReadonlyMap<string, TemplateCode>
  lookUp(name: string): FunctionUse
}

export interface FunctionUse {
  readonly spec: FunctionSpec
  /** One of Go's builtins; only those named `and`, `or` and `call` have special rules. */
  readonly builtin: boolean
}

export interface Compiler {
  readonly scope: Scope
  readonly set: SetContext
  site(
    node: OperandNode | CommandNode | TemplateNode | { readonly kind: 'text'; readonly offset: number },
  ): Site
  /** Compiles something one level deeper. */
  nested<T>(compile: () => T): T
  pipeline(pipe: PipeNode): Evaluate
  list(list: ListNode): Execute
  /** An operand by itself, as an argument or before a chain of fields. */
  operand(node: OperandNode): Evaluate
  /** Reads a variable, without its fields. */
  variable(node: VariableNode): Evaluate
  /** A compiler with the scope of this point, for later use. */
  freeze(): Compiler
}
