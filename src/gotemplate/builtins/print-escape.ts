/** The builtins print, printf and println, and the escapers html, js and urlquery. */
import type { FunctionContext } from '../context.ts'
import { printableValue, sprint, sprintln } from '../fmt/print.ts'
import { sprintf } from '../fmt/printf.ts'
import type { FunctionSpec, FunctionTable } from '../functions.ts'
import { toBytes } from '../strconv/go-string.ts'
import { isPrint } from '../strconv/quote.ts'
import { anyType, stringType } from '../types.ts'
import { FuncValue, type GoValue } from '../values.ts'

/** The arguments as text, with pointers dereferenced. */
function textOf(args: readonly GoValue[], context: FunctionContext): string {
  const [only] = args
  if (args.length === 1 && typeof only === 'string') return only
  const printable = args.map((arg) => {
    const value = printableValue(arg ?? undefined)
    return value === undefined ? '<no value>' : value instanceof FuncValue ? arg : value
  })
  return sprint(printable, context)
}

const HTML: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
}

function escapeHtml(text: string): string {
  return text.replace(/["'&<>\p{Cc}]/gu, (char) => HTML[char] ?? char)
}

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
}

export function escapeJs(text: string): string {
  let result = ''
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (Object.hasOwn(JS, char)) result += JS[char]
    else if (code >= 0xdc80 && code <= 0xdcff) result += char
    else if (code < 32 || (code >= 0x80 && !isPrint(code))) {
      result += `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`
    } else result += char
  }
  return result
}

/** Go's url.QueryEscape. */
export function escapeQuery(text: string): string {
  if (/^[A-Za-z0-9_.~-]*$/.test(text)) return text
  let result = ''
  for (const byte of toBytes(text)) {
    const char = String.fromCharCode(byte)
    if (char === ' ') result += '+'
    else if (/[A-Za-z0-9_.~-]/.test(char)) result += char
    else result += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return result
}

function escaper(escapeText: (text: string) => string): FunctionSpec {
  return {
    params: [anyType],
    variadic: true,
    returns: stringType,
    call: (args, context) => {
      const text = textOf(args, context)
      context.budget.allocate(text.length * 3)
      return escapeText(text)
    },
  }
}

export const printing: FunctionTable = {
  print: { params: [anyType], variadic: true, returns: stringType, call: sprint },
  println: { params: [anyType], variadic: true, returns: stringType, call: sprintln },
  printf: {
    params: [stringType, anyType],
    variadic: true,
    returns: stringType,
    call: ([format, ...args], context) => sprintf(typeof format === 'string' ? format : '', args, context),
  },
  html: escaper(escapeHtml),
  js: escaper(escapeJs),
  urlquery: escaper(escapeQuery),
}
