/** Compiles calls of functions by name: ordinary ones, and `and`, `or` and `call`, which have rules of their own. */
import { callValue } from '../builtins/call.ts'
import type { FunctionSpec } from '../functions.ts'
import type { CommandNode, IdentifierNode, OperandNode } from '../parse/ast.ts'
import { printNode } from '../parse/print-node.ts'
import { reflectType } from '../types.ts'
import type { GoValue } from '../values.ts'
import { compileArgument } from './arguments.ts'
import { checkArgumentCount, describeFailure, parameterType } from './call.ts'
import type { Compiler } from './compiler.ts'
import type { Evaluate, EvaluateCommand, Frame } from './execution.ts'
import { fit } from './fit.ts'
import { UNSET } from './scope.ts'
import { compileSliceIndex } from './slice-indexes.ts'
import { isTrue } from './truth.ts'

/** `node` is the whole command, or the bare name if it is an argument. */
export function compileCall(
  compiler: Compiler,
  identifier: IdentifierNode,
  node: CommandNode | IdentifierNode,
  operands: readonly OperandNode[],
  piped: boolean,
): EvaluateCommand {
  const { name } = identifier
  const { spec, builtin } = compiler.set.lookUp(name)
  const site = compiler.site(identifier)
  const problem = checkArgumentCount(spec, name, operands.length + (piped ? 1 : 0), operands.length)
  if (problem !== undefined) return () => site.fail('arg-count', problem)
  if (builtin && (name === 'and' || name === 'or'))
    return compileShortCircuit(compiler, name, operands, piped)
  const commandSite = compiler.site(node)
  const { call } = builtin && name === 'call' ? callOf(operands) : spec
  const isSlice = builtin && name === 'slice'
  const evaluate = operands.map((operand, i) => {
    const argument = compileArgument(compiler, operand, parameterType(spec, i))
    return isSlice && i > 0 ? compileSliceIndex(compiler, operand, argument) : argument
  })
  const finalType = piped ? parameterType(spec, operands.length) : undefined
  const last: EvaluateCommand | undefined =
    finalType === undefined ? undefined : (_frame, _dot, final) => fit(final, finalType, site)
  const gather = gatherArguments(last === undefined ? evaluate : [...evaluate, last])
  return (frame, dot, final) => {
    const args = gather(frame, dot, final)
    const { budget } = frame.run
    try {
      budget.step()
      for (let i = 0; i < args.length; i++) {
        const arg = args[i]
        if (typeof arg === 'string') budget.read(arg.length)
      }
      return call(args, frame.run)
    } catch (error) {
      return commandSite.fail(...describeFailure(name, error))
    }
  }
}

/** A list of known length is allocated at once. */
function gatherArguments(
  evaluate: readonly EvaluateCommand[],
): (frame: Frame, dot: GoValue, final: GoValue) => readonly GoValue[] {
  const [first, second, third] = evaluate
  if (first === undefined) return () => NO_ARGUMENTS
  if (second === undefined) return (frame, dot, final) => [first(frame, dot, final)]
  if (third === undefined) return (frame, dot, final) => [first(frame, dot, final), second(frame, dot, final)]
  return (frame, dot, final) => evaluate.map((argument) => argument(frame, dot, final))
}

const NO_ARGUMENTS: readonly GoValue[] = []

/** Messages of `call` name the callee by its source text. */
function callOf(operands: readonly OperandNode[]): Pick<FunctionSpec, 'call'> {
  const callee = operands[0] === undefined ? '<Value>' : printNode(operands[0])
  return { call: (args, context) => callValue(callee, args, context) }
}

function compileShortCircuit(
  compiler: Compiler,
  name: 'and' | 'or',
  operands: readonly OperandNode[],
  piped: boolean,
): EvaluateCommand {
  const stopsAt = name === 'or'
  const evaluate: Evaluate[] = []
  const [first, ...rest] = operands
  if (first !== undefined) evaluate.push(compileArgument(compiler, first, reflectType))
  const { result, slots } = compiler.scope.conditionally(() =>
    rest.map((operand) => compileArgument(compiler, operand, reflectType)),
  )
  evaluate.push(...result)
  const count = evaluate.length
  return (frame, dot, final) => {
    frame.run.budget.step()
    for (const slot of slots) frame.slots[slot] = UNSET
    let value: GoValue
    for (let i = 0; i < count; i++) {
      value = evaluate[i]?.(frame, dot)
      if (isTrue(value, frame.run) === stopsAt) return value
    }
    return piped ? final : value
  }
}
