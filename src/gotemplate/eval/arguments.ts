/** Compiles one argument for a parameter of a known type. Errors are those of execution, as in Go. */
import type { NumberNode, OperandNode } from '../parse/ast.ts'
import { canBeNil, type GoType } from '../types.ts'
import { ComplexValue, type GoValue } from '../values.ts'
import { wrap, zeroOf } from '../wrap.ts'
import type { Compiler } from './compiler.ts'
import type { Evaluate } from './execution.ts'
import { fit } from './fit.ts'
import type { Site } from './site.ts'

export function compileArgument(compiler: Compiler, node: OperandNode, type: GoType): Evaluate {
  const site = compiler.site(node)
  switch (node.kind) {
    case 'dot':
      return type.kind === 'reflect' ? (_, dot) => dot : (_, dot) => fit(dot, type, site)
    case 'nil': {
      if (type.kind === 'reflect') return () => undefined
      if (!canBeNil(type)) return () => site.fail('type-mismatch', `cannot assign nil to ${type.name}`)
      const nil = zeroOf(type)
      return () => nil
    }
    case 'field':
    case 'variable':
    case 'pipe':
    case 'identifier':
    case 'chain': {
      const evaluate = compiler.operand(node)
      if (type.kind === 'reflect') return evaluate
      return (frame, dot) => fit(evaluate(frame, dot), type, site)
    }
    default:
      return compileConstant(node, type, site)
  }
}

type Constant = Extract<OperandNode, { kind: 'bool' | 'number' | 'string' }>

function compileConstant(node: Constant, type: GoType, site: Site): Evaluate {
  if (type.kind === 'reflect' || (type.kind === 'interface' && type.requires.length === 0)) {
    return compileUntyped(node, site)
  }
  const value = constantOf(node, type)
  if (value !== undefined) return () => value
  const wanted = EXPECTED[type.kind]
  const message =
    wanted === undefined
      ? `can't handle ${describe(node)} for arg of type ${type.name}`
      : `expected ${wanted}; found ${describe(node)}`
  return () => site.fail('type-mismatch', message)
}

const EXPECTED: Readonly<Record<string, string | undefined>> = {
  bool: 'bool',
  string: 'string',
  int: 'integer',
  int8: 'integer',
  int16: 'integer',
  int32: 'integer',
  int64: 'integer',
  uint: 'unsigned integer',
  uint8: 'unsigned integer',
  uint16: 'unsigned integer',
  uint32: 'unsigned integer',
  uint64: 'unsigned integer',
  float32: 'float',
  float64: 'float',
}

function describe(node: Constant): string {
  if (node.kind === 'string') return node.quoted
  return node.kind === 'bool' ? String(node.value) : node.text
}

/** The constant in the type of the parameter; undefined if it cannot be represented in it. */
function constantOf(node: Constant, type: GoType): GoValue {
  switch (type.kind) {
    case 'bool':
      return node.kind === 'bool' ? wrap(type, node.value) : undefined
    case 'string':
      return node.kind === 'string' ? wrap(type, node.value) : undefined
    case 'float32':
    case 'float64':
      return node.kind === 'number' && node.float !== undefined ? wrap(type, node.float) : undefined
  }
  if (node.kind !== 'number') return undefined
  const expected = EXPECTED[type.kind]
  if (expected === 'integer' && node.int !== undefined) return wrap(type, sized(node.int, type.kind))
  if (expected === 'unsigned integer' && node.uint !== undefined)
    return wrap(type, sized(node.uint, type.kind))
  return undefined
}

function sized(value: bigint, kind: string): bigint {
  const bits = Number(/\d+$/.exec(kind)?.[0] ?? 64)
  return kind.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)
}

/** A constant where no type is expected. */
export function compileUntyped(node: Constant, site: Site): Evaluate {
  if (node.kind !== 'number') {
    const { value } = node
    return () => value
  }
  const value = idealConstant(node)
  if (value === undefined) return () => site.fail('type-mismatch', `${node.text} overflows int`)
  return () => value
}

/** The syntax of a number decides its type; undefined if it overflows. */
function idealConstant(node: NumberNode): GoValue {
  if (node.complex !== undefined) return new ComplexValue(node.complex.real, node.complex.imaginary)
  const isHexInteger = /^0[xX]/.test(node.text) && !/[pP]/.test(node.text)
  const isFloat = /[.eEpP]/.test(node.text) && !isHexInteger && !node.text.startsWith("'")
  return node.float !== undefined && isFloat ? node.float : node.int
}
