/** Compiles `.A.B`, `$x.A.B` and `(pipeline).A.B`; the last name may be a method with arguments. */
import type { ChainNode, FieldNode, OperandNode, VariableNode } from '../parse/ast.ts'
import type { MethodSpec } from '../types.ts'
import type { GoValue } from '../values.ts'
import { compileArgument } from './arguments.ts'
import { checkArgumentCount, describeFailure, parameterType } from './call.ts'
import type { Compiler } from './compiler.ts'
import type { Evaluate, EvaluateCommand, Frame } from './execution.ts'
import { fit } from './fit.ts'
import { type BoundMethod, readMember } from './member.ts'
import { NOT_PLAIN, PlainPaths } from './plain-path.ts'
import type { Site } from './site.ts'

export function compileChain(
  compiler: Compiler,
  node: FieldNode | ChainNode | VariableNode,
  operands: readonly OperandNode[],
  piped: boolean,
): EvaluateCommand {
  const site = compiler.site(node)
  const start = compileStart(compiler, node, site)
  const names = node.names.slice(0, -1)
  const last = node.names[node.names.length - 1] ?? ''
  const hasArguments = operands.length > 0 || piped
  const arguments_ = hasArguments ? new MethodArguments(compiler, operands, piped, site) : undefined
  const count = names.length
  const paths = new PlainPaths(hasArguments ? [] : node.names)
  return (frame, dot, final) => {
    let value = start(frame, dot)
    if (!hasArguments) {
      const read = paths.read(value)
      if (read !== NOT_PLAIN) return read
    }
    const plain = (method: BoundMethod): GoValue => callMethod(method, NO_ARGUMENTS, frame, site)
    for (let i = 0; i < count; i++) value = readMember(value, names[i] ?? '', false, site, plain)
    if (arguments_ === undefined) return readMember(value, last, false, site, plain)
    return readMember(value, last, true, site, (method) =>
      callMethod(method, arguments_.evaluate(method.spec, frame, dot, final), frame, site),
    )
  }
}

const NO_ARGUMENTS: readonly GoValue[] = []

function compileStart(compiler: Compiler, node: FieldNode | ChainNode | VariableNode, site: Site): Evaluate {
  if (node.kind === 'field') return (_, dot) => dot
  if (node.kind === 'variable') return compiler.variable(node)
  if (node.operand.kind === 'nil') {
    return () => site.fail('nil-pointer', 'indirection through explicit nil')
  }
  return compiler.operand(node.operand)
}

function callMethod(method: BoundMethod, args: readonly GoValue[], frame: Frame, site: Site): GoValue {
  const { spec, receiver } = method
  const problem = checkArgumentCount(spec, spec.name, args.length, args.length)
  if (problem !== undefined) return site.fail('arg-count', problem)
  if (receiver === undefined && spec.receiver === 'value') {
    return site.fail('function-error', `error calling ${spec.name}: value method called using nil pointer`)
  }
  const { budget } = frame.run
  try {
    budget.step()
    for (const arg of args) if (typeof arg === 'string') budget.read(arg.length)
    return spec.call(receiver, args, frame.run)
  } catch (error) {
    return site.fail(...describeFailure(spec.name, error))
  }
}

/** The types of the arguments are known only with the method, so they are compiled then, once for each method. */
class MethodArguments {
  readonly #compiled = new Map<MethodSpec, readonly Evaluate[]>()
  readonly #compile: (spec: MethodSpec) => readonly Evaluate[]
  readonly #count: number
  readonly #piped: boolean
  readonly #site: Site

  constructor(compiler: Compiler, operands: readonly OperandNode[], piped: boolean, site: Site) {
    // The scope at this point, not at the end of the template.
    const frozen = compiler.freeze()
    this.#compile = (spec) =>
      operands.map((operand, i) => compileArgument(frozen, operand, parameterType(spec, i)))
    this.#count = operands.length
    this.#piped = piped
    this.#site = site
  }

  evaluate(spec: MethodSpec, frame: Frame, dot: GoValue, final: GoValue): readonly GoValue[] {
    const count = this.#count + (this.#piped ? 1 : 0)
    const problem = checkArgumentCount(spec, spec.name, count, this.#count)
    if (problem !== undefined) return this.#site.fail('arg-count', problem)
    let compiled = this.#compiled.get(spec)
    if (compiled === undefined) {
      compiled = this.#compile(spec)
      this.#compiled.set(spec, compiled)
    }
    const args = compiled.map((evaluate) => evaluate(frame, dot))
    if (this.#piped) args.push(fit(final, parameterType(spec, this.#count), this.#site))
    return args
  }
}
