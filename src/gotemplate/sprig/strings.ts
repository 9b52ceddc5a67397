/** sprig's functions on single texts. Lengths and positions count bytes, as in Go. */
import { formatValue } from '../fmt/print.ts'
import { type FunctionTable, GoFunctionError } from '../functions.ts'
import { byteLength, fromBytes, sliceBytes, toBytes } from '../strconv/go-string.ts'
import { quote } from '../strconv/quote.ts'
import type { GoValue } from '../values.ts'
import { initials, isSpace, lower, swapCase, title, untitle, upper } from './case.ts'
import { boolType, count, intType, ofAny, ofStrings, panic, stringType, text } from './define.ts'
import { strval } from './strval.ts'
import { camelCase, joinWords } from './words.ts'
import { wrapText } from './wrap-text.ts'

/** Linear: a regular expression that ends in `+$` would be quadratic in the spaces within the text. */
function trimSpace(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isSpace(value.charAt(start))) start++
  while (end > start && isSpace(value.charAt(end - 1))) end--
  return value.slice(start, end)
}

/** strings.Trim: removes all of these characters at both ends. */
export function trimCharacters(value: string, characters: string): string {
  const set = new Set(characters)
  const chars = [...value]
  let start = 0
  let end = chars.length
  while (start < end && set.has(chars[start] ?? '')) start++
  while (end > start && set.has(chars[end - 1] ?? '')) end--
  return chars.slice(start, end).join('')
}

export function trunc(length: number, value: string): string {
  const size = byteLength(value)
  if (length < 0 && size + length > 0) return sliceBytes(value, size + length, size)
  return length >= 0 && size > length ? sliceBytes(value, 0, length) : value
}

function substring(start: number, end: number, value: string): string {
  const size = byteLength(value)
  const from = start < 0 ? 0 : start
  const to = start >= 0 && (end < 0 || end > size) ? size : end
  if (from > to || to > size || to < 0) throw panic('runtime error: slice bounds out of range')
  return sliceBytes(value, from, to)
}

/** goutils.Abbreviate. */
function abbreviate(value: string, offset: number, width: number): string {
  const bytes = toBytes(value)
  const size = bytes.length
  const cut = (from: number, to: number): string => fromBytes(bytes.subarray(from, to))
  if (value === '' || width < 4) return ''
  if (size <= width) return value
  let start = Math.min(offset, size)
  if (size - start < width - 3) start = size - (width - 3)
  if (start <= 4) return `${cut(0, width - 3)}...`
  if (width < 7) return ''
  if (start + width - 3 < size) return `...${abbreviate(cut(start, size), 0, width - 3)}`
  return `...${cut(size - (width - 3), size)}`
}

export function indent(spaces: number, value: string): string {
  const pad = ' '.repeat(spaces)
  return pad + value.replaceAll('\n', `\n${pad}`)
}

function indentation(newline: string): FunctionTable[string] {
  return {
    params: [intType, stringType],
    returns: stringType,
    call: ([spaces, value], { budget }) => {
      const size = count(spaces)
      if (size < 0) throw panic('strings: negative Repeat count')
      const source = text(value)
      let lines = 1
      for (const char of source) if (char === '\n') lines++
      budget.allocate(source.length + size * lines)
      return newline + indent(size, source)
    },
  }
}

function replaceText(old: string, by: string, source: string): string {
  if (old === '') return `${by}${[...source].map((char) => char + by).join('')}`
  return source.replaceAll(old, () => by)
}

function notNil(values: readonly GoValue[]): readonly GoValue[] {
  return values.filter((value) => value !== null && value !== undefined)
}

/** Splitting into words looks at each character several times. */
function wordJoiner(connector: string): FunctionTable[string] {
  return ofStrings(1, stringType, ([value = ''], { budget }) => {
    budget.charge(value.length >> 1)
    return joinWords(value, connector)
  })
}

const truncating = { params: [intType, stringType], returns: stringType }

export const strings: FunctionTable = {
  abbrev: {
    ...truncating,
    call: ([width, value]) => (count(width) < 4 ? text(value) : abbreviate(text(value), 0, count(width))),
  },
  abbrevboth: {
    params: [intType, intType, stringType],
    returns: stringType,
    call: ([offset, width, value]) =>
      count(width) < 4 || (count(offset) > 0 && count(width) < 7)
        ? text(value)
        : abbreviate(text(value), count(offset), count(width)),
  },
  trunc: { ...truncating, call: ([length, value]) => trunc(count(length), text(value)) },
  substr: {
    params: [intType, intType, stringType],
    returns: stringType,
    call: ([start, end, value]) => substring(count(start), count(end), text(value)),
  },
  trim: ofStrings(1, stringType, ([value = '']) => trimSpace(value)),
  trimAll: ofStrings(2, stringType, ([set = '', value = '']) => trimCharacters(value, set)),
  trimall: ofStrings(2, stringType, ([set = '', value = '']) => trimCharacters(value, set)),
  trimSuffix: ofStrings(2, stringType, ([suffix = '', value = '']) =>
    suffix !== '' && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value,
  ),
  trimPrefix: ofStrings(2, stringType, ([prefix = '', value = '']) =>
    value.startsWith(prefix) ? value.slice(prefix.length) : value,
  ),
  upper: ofStrings(1, stringType, ([value = '']) => upper(value)),
  lower: ofStrings(1, stringType, ([value = '']) => lower(value)),
  title: ofStrings(1, stringType, ([value = '']) => title(value)),
  untitle: ofStrings(1, stringType, ([value = '']) => untitle(value)),
  swapcase: ofStrings(1, stringType, ([value = '']) => swapCase(value)),
  initials: ofStrings(1, stringType, ([value = '']) => initials(toBytes(value))),
  nospace: ofStrings(1, stringType, ([value = '']) => [...value].filter((char) => !isSpace(char)).join('')),
  camelcase: ofStrings(1, stringType, ([value = '']) => camelCase(value)),
  snakecase: wordJoiner('_'),
  kebabcase: wordJoiner('-'),
  wrap: {
    ...truncating,
    call: ([width, value], { budget }) => wrapText(text(value), count(width), '', false, budget),
  },
  wrapWith: {
    params: [intType, stringType, stringType],
    returns: stringType,
    call: ([width, newline, value], { budget }) =>
      wrapText(text(value), count(width), text(newline), true, budget),
  },
  repeat: {
    ...truncating,
    call: ([times, value], { budget }) => {
      const number = count(times)
      if (number < 0) throw panic('strings: negative Repeat count')
      budget.allocate(number * text(value).length)
      return text(value).repeat(number)
    },
  },
  replace: ofStrings(3, stringType, ([old = '', by = '', source = ''], { budget }) => {
    budget.allocate(
      source.length + (old === '' ? source.length + 1 : source.split(old).length - 1) * by.length,
    )
    return replaceText(old, by, source)
  }),
  contains: ofStrings(2, boolType, ([part = '', value = '']) => value.includes(part)),
  hasPrefix: ofStrings(2, boolType, ([part = '', value = '']) => value.startsWith(part)),
  hasSuffix: ofStrings(2, boolType, ([part = '', value = '']) => value.endsWith(part)),
  indent: indentation(''),
  nindent: indentation('\n'),
  plural: {
    params: [stringType, stringType, intType],
    returns: stringType,
    call: ([one, many, number]) => (number === 1n ? one : many),
  },
  quote: ofAny(
    0,
    stringType,
    (values, context) =>
      notNil(values)
        .map((value) => quote(strval(value, context)))
        .join(' '),
    true,
  ),
  squote: ofAny(
    0,
    stringType,
    (values, context) =>
      notNil(values)
        .map((value) => `'${formatValue(value, context)}'`)
        .join(' '),
    true,
  ),
  cat: ofAny(
    0,
    stringType,
    (values, context) =>
      notNil(values)
        .map((value) => formatValue(value, context))
        .join(' '),
    true,
  ),
  toString: ofAny(1, stringType, ([value], context) => strval(value, context)),
  hello: { params: [], returns: stringType, call: () => 'Hello!' },
  fail: ofStrings(1, stringType, ([message = '']) => {
    throw new GoFunctionError(message)
  }),
}
