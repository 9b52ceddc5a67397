/** sprig's JSON: fromJson ignores errors, toJson returns "" for what JSON cannot represent. */

import { JsonError, parseJson } from '../../json/index.ts'
import type { FunctionContext } from '../context.ts'
import { type EncodeOptions, encodeJson } from '../encode-json.ts'
import { type FunctionSpec, type FunctionTable, GoFunctionError } from '../functions.ts'
import { anyType, stringType } from '../types.ts'
import type { GoValue } from '../values.ts'
import { ofAny, ofStrings, panic } from './define.ts'

function decode(source: string, context: FunctionContext): GoValue {
  context.budget.allocate(source.length)
  context.budget.charge(Math.ceil(source.length / 16))
  try {
    return parseJson(source)
  } catch (error) {
    if (error instanceof JsonError) throw new GoFunctionError(error.message)
    throw error
  }
}

/** `fail` converts an error of the encoder. */
function encoding(
  options: EncodeOptions & { readonly pretty?: boolean },
  fail: (message: string) => string,
): FunctionSpec {
  return ofAny(1, stringType, ([value], context) => {
    let text: string
    try {
      text = encodeJson(value, context, options)
    } catch (error) {
      if (error instanceof GoFunctionError) return fail(error.message)
      throw error
    }
    return options.pretty === true ? indentJson(text, context) : text
  })
}

/** json.MarshalIndent with two spaces, for compact text. */
function indentJson(text: string, context: FunctionContext): string {
  let result = ''
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') {
      const end = stringEnd(text, at)
      result += text.slice(at, end)
      at = end - 1
    } else if ((char === '{' || char === '[') && (text[at + 1] === '}' || text[at + 1] === ']')) {
      result += char + text[++at]
    } else if (char === '{' || char === '[') {
      depth++
      result += `${char}\n${'  '.repeat(depth)}`
      context.budget.allocate(depth * 2)
    } else if (char === '}' || char === ']') {
      depth--
      result += `\n${'  '.repeat(depth)}${char}`
    } else if (char === ',') {
      result += `,\n${'  '.repeat(depth)}`
      context.budget.allocate(depth * 2)
    } else {
      result += char === ':' ? ': ' : char
    }
  }
  return result
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

const swallow = (): string => ''
const raise = (message: string): never => {
  throw new GoFunctionError(message)
}
const panics = (message: string): never => {
  throw panic(message)
}

export const json: FunctionTable = {
  fromJson: ofStrings(1, anyType, ([source = ''], context) => {
    try {
      return decode(source, context)
    } catch (error) {
      if (error instanceof GoFunctionError) return null
      throw error
    }
  }),
  mustFromJson: ofStrings(1, anyType, ([source = ''], context) => decode(source, context)),
  toJson: encoding({}, swallow),
  mustToJson: encoding({}, raise),
  toPrettyJson: encoding({ pretty: true }, swallow),
  mustToPrettyJson: encoding({ pretty: true }, raise),
  toRawJson: encoding({ raw: true }, panics),
  mustToRawJson: encoding({ raw: true }, raise),
}
