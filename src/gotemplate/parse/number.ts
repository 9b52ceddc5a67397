/** Parses a numeric constant in every form in which it can be represented (Go's NumberNode). */
import { parseFloat64, parseInt64, parseUint64 } from '../strconv/parse-number.ts'
import { unquoteChar } from '../strconv/unquote.ts'
import type { NumberNode } from './ast.ts'
import type { Token } from './token.ts'

export type ParsedNumber =
  | NumberNode
  | { readonly kind: 'problem'; readonly literal: boolean; readonly message: string }

export function parseNumber(token: Token): ParsedNumber {
  const { text, offset } = token
  if (token.kind === 'charConstant') {
    const char = unquoteChar(text)
    if ('problem' in char) return { kind: 'problem', literal: true, message: char.problem }
    const int = BigInt(char.code)
    return { kind: 'number', offset, text, int, uint: int, float: char.code }
  }
  if (token.kind === 'complex') return parseComplex(text, offset)
  if (text.endsWith('i')) {
    const imaginary = parseFloat64(text.slice(0, -1))
    if (imaginary !== undefined) return complexNode(text, offset, 0, imaginary)
  }
  return parseReal(text, offset)
}

function parseReal(text: string, offset: number): ParsedNumber {
  const signed = parseInt64(text, 0)
  const unsigned = parseUint64(text)
  const int = 'problem' in signed ? undefined : signed.value
  const uint = 'problem' in unsigned ? (int === 0n ? 0n : undefined) : unsigned.value
  if (int !== undefined) {
    return { kind: 'number', offset, text, int, ...(uint === undefined ? {} : { uint }), float: Number(int) }
  }
  if (uint !== undefined) return { kind: 'number', offset, text, uint, float: Number(uint) }
  const float = parseFloat64(text)
  // Go's ParseFloat gives an error for a number out of range.
  if (float === undefined || !Number.isFinite(float)) {
    return { kind: 'problem', literal: false, message: `illegal number syntax: ${JSON.stringify(text)}` }
  }
  if (!/[.eEpP]/.test(text)) {
    return { kind: 'problem', literal: false, message: `integer overflow: ${JSON.stringify(text)}` }
  }
  return { kind: 'number', offset, text, ...wholeForms(float) }
}

function parseComplex(text: string, offset: number): ParsedNumber {
  const split = text.slice(0, -1).search(/(?<=[^eEpP])[+-](?=[^+-]*$)/)
  const real = parseFloat64(text.slice(0, split))
  const imaginary = parseFloat64(text.slice(split, -1))
  if (real === undefined || imaginary === undefined) {
    return { kind: 'problem', literal: false, message: 'syntax error scanning complex number' }
  }
  return complexNode(text, offset, real, imaginary)
}

function complexNode(text: string, offset: number, real: number, imaginary: number): NumberNode {
  const forms = imaginary === 0 ? wholeForms(real) : {}
  return { kind: 'number', offset, text, complex: { real, imaginary }, ...forms }
}

/** A float, and the integers that equal it. */
function wholeForms(float: number): { float: number; int?: bigint; uint?: bigint } {
  if (!Number.isInteger(float)) return { float }
  const whole = BigInt(float)
  return {
    float,
    ...(whole >= -(2n ** 63n) && whole < 2n ** 63n ? { int: whole } : {}),
    ...(whole >= 0n && whole < 2n ** 64n ? { uint: whole } : {}),
  }
}
