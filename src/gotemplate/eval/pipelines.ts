/** Compiles pipelines and their commands. */
import type { CommandNode, OperandNode, PipeNode } from '../parse/ast.ts'
import { printNode } from '../parse/print-node.ts'
import type { GoValue } from '../values.ts'
import { compileChain } from './chains.ts'
import type { Compiler } from './compiler.ts'
import type { Evaluate, EvaluateCommand, Frame } from './execution.ts'
import { compileCall } from './function-calls.ts'
import { UNSET } from './scope.ts'
import type { Site } from './site.ts'

/** The pipeline's value; its variables are set in between. From here on nil in an `any` counts as missing. */
export function compilePipeline(compiler: Compiler, pipe: PipeNode): Evaluate {
  const [firstNode, ...rest] = pipe.commands
  if (firstNode === undefined) return () => undefined
  const first = compileCommand(compiler, firstNode, false)
  const further = rest.map((command) => compileCommand(compiler, command, true))
  const store = compileStores(compiler, pipe)
  if (further.length === 0 && store.length === 0)
    return (frame, dot) => first(frame, dot, undefined) ?? undefined
  return (frame, dot) => {
    let value = first(frame, dot, undefined) ?? undefined
    for (const command of further) value = command(frame, dot, value) ?? undefined
    for (const set of store) set(frame, value)
    return value
  }
}

type Store = (frame: Frame, value: GoValue) => void

function compileStores(compiler: Compiler, pipe: PipeNode): readonly Store[] {
  // Go reports the position that it evaluated last: the first word of the last command.
  const lastCommand = pipe.commands[pipe.commands.length - 1]
  const site = compiler.site(lastCommand?.operands[0] ?? pipe)
  return pipe.variables.map((name) => {
    if (pipe.assigns) return compileAssignment(compiler, name, site)
    const slot = compiler.scope.declare(name)
    return (frame, value) => {
      frame.slots[slot] = value
    }
  })
}

/** Sets the variable that the name resolves to here; also for range, which assigns again in each iteration. */
export function compileAssignment(compiler: Compiler, name: string, site: Site): Store {
  const { slots, sure } = compiler.scope.resolve(name)
  const [first] = slots
  if (first === undefined) return () => site.fail('undefined-variable', `undefined variable: ${name}`)
  if (sure && slots.length === 1) {
    return (frame, value) => {
      frame.slots[first] = value
    }
  }
  return (frame, value) => {
    const slot = slots.find((candidate) => frame.slots[candidate] !== UNSET)
    if (slot === undefined) site.fail('undefined-variable', `undefined variable: ${name}`)
    frame.slots[slot] = value
  }
}

function compileCommand(compiler: Compiler, command: CommandNode, piped: boolean): EvaluateCommand {
  const [first, ...operands] = command.operands
  if (first === undefined) return () => undefined
  switch (first.kind) {
    case 'field':
    case 'chain':
      return compileChain(compiler, first, operands, piped)
    case 'variable':
      if (first.names.length > 0) return compileChain(compiler, first, operands, piped)
      break
    case 'identifier':
      return compileCall(compiler, first, command, operands, piped)
  }
  if (operands.length > 0 || piped) return refuseArguments(compiler, first)
  return compiler.operand(first)
}

function refuseArguments(compiler: Compiler, first: OperandNode): EvaluateCommand {
  const site = compiler.site(first)
  const message = `can't give argument to non-function ${printNode(first)}`
  return () => site.fail('not-a-function', message)
}
