/** The compiler of one template: its scope, positions, functions, and operands in general. */
import type {
  CommandNode,
  ListNode,
  OperandNode,
  ParsedTemplate,
  PipeNode,
  TemplateNode,
  VariableNode,
} from '../parse/ast.ts'
import type { GoValue } from '../values.ts'
import { compileUntyped } from './arguments.ts'
import { compileChain } from './chains.ts'
import type { Compiler, SetContext } from './compiler.ts'
import type { Evaluate, EvaluateCommand, Execute } from './execution.ts'
import { compileCall } from './function-calls.ts'
import { compilePipeline } from './pipelines.ts'
import { Scope, UNSET } from './scope.ts'
import { Site } from './site.ts'
import { compileList } from './statements.ts'

export class TemplateCompiler implements Compiler {
  readonly scope: Scope
  readonly set: SetContext
  readonly #template: ParsedTemplate
  #nesting = 1
  #deepest = 1

  constructor(template: ParsedTemplate, set: SetContext, scope = new Scope()) {
    this.scope = scope
    this.#template = template
    this.set = set
  }

  get deepest(): number {
    return this.#deepest
  }

  site(
    node: OperandNode | CommandNode | TemplateNode | { readonly kind: 'text'; readonly offset: number },
  ): Site {
    return new Site(this.#template, node)
  }

  freeze(): Compiler {
    return new TemplateCompiler(this.#template, this.set, this.scope.copy())
  }

  /** Compiles something one level deeper. */
  nested<T>(compile: () => T): T {
    this.#nesting++
    this.#deepest = Math.max(this.#deepest, this.#nesting)
    const result = compile()
    this.#nesting--
    return result
  }

  pipeline(pipe: PipeNode): Evaluate {
    return compilePipeline(this, pipe)
  }

  list(list: ListNode): Execute {
    return compileList(this, list)
  }

  /** An operand by itself, as an argument or before a chain of fields. */
  operand(node: OperandNode): Evaluate {
    switch (node.kind) {
      case 'pipe':
        return this.nested(() => compilePipeline(this, node))
      case 'field':
      case 'chain':
        return withoutFinal(compileChain(this, node, [], false))
      case 'variable':
        return node.names.length === 0
          ? this.variable(node)
          : withoutFinal(compileChain(this, node, [], false))
      case 'identifier':
        return withoutFinal(compileCall(this, node, node, [], false))
      case 'dot':
        return (_, dot) => dot
      case 'nil': {
        const site = this.site(node)
        return () => site.fail('non-executable', 'nil is not a command')
      }
      default:
        return compileUntyped(node, this.site(node))
    }
  }

  /** Reads a variable. */
  variable(node: VariableNode): Evaluate {
    const { slots, sure } = this.scope.resolve(node.name)
    const site = this.site(node)
    const missing = (): GoValue => site.fail('undefined-variable', `undefined variable: ${node.name}`)
    const [first] = slots
    if (first === undefined) return missing
    if (sure && slots.length === 1) return (frame) => frame.slots[first]
    return (frame) => {
      for (const slot of slots) if (frame.slots[slot] !== UNSET) return frame.slots[slot]
      return missing()
    }
  }
}

function withoutFinal(command: EvaluateCommand): Evaluate {
  return (frame, dot) => command(frame, dot, undefined)
}
