/** Prints values without a format: the output of an action, and Go's Sprint and Sprintln. */
import type { FunctionContext } from '../context.ts'
import { hasMethod } from '../eval/fit.ts'
import type { Site } from '../eval/site.ts'
import { indirect } from '../eval/truth.ts'
import { FuncValue, type GoValue, PointerValue, ScalarValue, StructValue, typeName } from '../values.ts'
import { Printer } from './printer.ts'

/** What an action writes for its value. */
export function printValue(value: GoValue, context: FunctionContext, site: Site): string {
  const printable = printableValue(value)
  if (printable instanceof FuncValue)
    return site.fail('unprintable', `can't print of type ${typeName(value)}`)
  return printable === undefined ? '<no value>' : formatValue(printable, context)
}

/** `%v`. */
export function formatValue(value: GoValue, context: FunctionContext): string {
  if (typeof value === 'string') return value
  const text = new Printer(context).argument(value, 'v')
  context.budget.allocate(text.length)
  return text
}

/** Dereferences pointers, but keeps the address if only that has a printing method. undefined: no value. */
export function printableValue(value: GoValue): GoValue {
  const target = value instanceof PointerValue ? indirect(value) : value
  if (target instanceof StructValue && (target.addressable || value instanceof PointerValue)) {
    const own = hasMethod(target, 'Error') || hasMethod(target, 'String')
    const printsByAddress = target.type.method('Error') ?? target.type.method('String')
    if (!own && printsByAddress !== undefined) {
      return new PointerValue(
        { kind: 'ptr', elem: target.type, name: `*${target.type.name}`, defined: false },
        target,
      )
    }
  }
  return target
}

/** Adds spaces between operands when neither is a string. */
export function sprint(args: readonly GoValue[], context: FunctionContext): string {
  const printer = new Printer(context)
  let output = ''
  let afterString = false
  for (const [i, arg] of args.entries()) {
    const string = isString(arg)
    if (i > 0 && !string && !afterString) output += ' '
    output += printer.argument(arg, 'v')
    afterString = string
  }
  context.budget.allocate(output.length)
  return output
}

function isString(value: GoValue): boolean {
  return typeof value === 'string' || (value instanceof ScalarValue && typeof value.value === 'string')
}

export function sprintln(args: readonly GoValue[], context: FunctionContext): string {
  const printer = new Printer(context)
  const output = `${args.map((arg) => printer.argument(arg, 'v')).join(' ')}\n`
  context.budget.allocate(output.length)
  return output
}
