/** Parses a moment with one of Go's layouts, in UTC if the text has no offset. */
import { GoFunctionError } from '../functions.ts'
import { quote } from '../strconv/quote.ts'
import { cutLayout, MONTHS, WEEKDAYS } from './time-format.ts'
import { daysOf, type Moment } from './time-value.ts'

interface Fields {
  year: number
  month: number
  day: number
  yearDay: number
  hour: number
  minute: number
  second: number
  nanos: number
  afternoon: boolean | undefined
  offset: number | undefined
  zone: string | undefined
}

/** @throws GoFunctionError with Go's message */
export function parseTime(layout: string, value: string): Moment {
  const fields: Fields = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
    afternoon: undefined,
    offset: undefined,
    zone: undefined,
  }
  const fail = (rest: string, element: string): never => {
    throw new GoFunctionError(
      `parsing time ${quote(value)} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(element)}`,
    )
  }
  const outOfRange = (what: string): never => {
    throw new GoFunctionError(`parsing time ${quote(value)}: ${what} out of range`)
  }
  let rest = value
  const parts = cutLayout(layout)
  for (const [i, part] of parts.entries()) {
    if ('text' in part) {
      rest = skipText(rest, part.text) ?? fail(rest, part.text)
      continue
    }
    const before = rest
    rest = readElement(part.element, rest, fields, outOfRange) ?? fail(before, part.element)
    // A fraction may follow the seconds even if the layout has none.
    if ((part.element === '05' || part.element === '5') && /^[.,][0-9]/.test(rest)) {
      const next = parts.slice(i + 1).find((other) => 'element' in other)
      if (next === undefined || !('element' in next) || !/^[.,]/.test(next.element)) {
        rest = fraction('.9', rest, fields) ?? rest
      }
    }
  }
  if (rest !== '') {
    throw new GoFunctionError(`parsing time ${quote(value)}: extra text: ${quote(rest)}`)
  }
  return momentOfFields(fields, outOfRange)
}

/** A run of space matches any run of space. */
function skipText(rest: string, text: string): string | undefined {
  let left = rest
  for (const char of text.replace(/ +/g, ' ')) {
    if (char === ' ') {
      if (left !== '' && !left.startsWith(' ')) return undefined
      left = left.replace(/^ +/, '')
    } else if (left.startsWith(char)) left = left.slice(char.length)
    else return undefined
  }
  return left
}

type OutOfRange = (what: string) => never

/** The text after the element; undefined if the element does not match. */
function readElement(
  element: string,
  rest: string,
  fields: Fields,
  outOfRange: OutOfRange,
): string | undefined {
  const take = (pattern: RegExp, use: (text: string) => void): string | undefined => {
    const match = pattern.exec(rest)
    if (match === null) return undefined
    use(match[1] ?? match[0])
    return rest.slice(match[0].length)
  }
  const number = (
    pattern: RegExp,
    low: number,
    high: number,
    what: string,
    set: (value: number) => void,
  ): string | undefined =>
    take(pattern, (text) => {
      const value = Number(text)
      if (value < low || value > high) outOfRange(what)
      set(value)
    })
  switch (element) {
    case '2006':
      return number(/^[0-9]{4}/, 0, 9999, 'year', (value) => {
        fields.year = value
      })
    case '06':
      return number(/^[0-9]{2}/, 0, 99, 'year', (value) => {
        fields.year = value >= 69 ? value + 1900 : value + 2000
      })
    case 'January':
    case 'Jan':
      return name(rest, MONTHS, element === 'Jan', (index) => {
        fields.month = index + 1
      })
    case 'Monday':
    case 'Mon':
      return name(rest, WEEKDAYS, element === 'Mon', () => undefined)
    case '01':
    case '1':
      return number(element === '01' ? /^[0-9]{2}/ : /^[0-9]{1,2}/, 1, 12, 'month', (value) => {
        fields.month = value
      })
    case '02':
    case '2':
    case '_2':
      return number(
        element === '02' ? /^[0-9]{2}/ : element === '2' ? /^[0-9]{1,2}/ : /^ ?([0-9]{1,2})/,
        0,
        99,
        'day',
        (value) => {
          fields.day = value
        },
      )
    case '002':
    case '__2':
      return number(/^ {0,2}([0-9]{1,3})/, 1, 366, 'day-of-year', (value) => {
        fields.yearDay = value
      })
    case '15':
      return number(/^[0-9]{1,2}/, 0, 23, 'hour', (value) => {
        fields.hour = value
      })
    case '03':
    case '3':
      return number(element === '03' ? /^[0-9]{2}/ : /^[0-9]{1,2}/, 0, 12, 'hour', (value) => {
        fields.hour = value
      })
    case '04':
    case '4':
      return number(element === '04' ? /^[0-9]{2}/ : /^[0-9]{1,2}/, 0, 59, 'minute', (value) => {
        fields.minute = value
      })
    case '05':
    case '5':
      return number(element === '05' ? /^[0-9]{2}/ : /^[0-9]{1,2}/, 0, 59, 'second', (value) => {
        fields.second = value
      })
    case 'PM':
    case 'pm':
      return take(element === 'PM' ? /^[AP]M/ : /^[ap]m/, (text) => {
        fields.afternoon = text.toUpperCase() === 'PM'
      })
    case 'MST':
      return take(/^(?:UTC|[A-Z]{3,4}|[+-][0-9]{2})/, (text) => {
        fields.zone = text
      })
    default:
      return /^[.,]/.test(element) ? fraction(element, rest, fields) : offset(element, rest, fields)
  }
}

function name(
  rest: string,
  names: readonly string[],
  short: boolean,
  use: (index: number) => void,
): string | undefined {
  const lower = rest.toLowerCase()
  for (const [index, full] of names.entries()) {
    const wanted = short ? full.slice(0, 3) : full
    if (!lower.startsWith(wanted.toLowerCase())) continue
    use(index)
    return rest.slice(wanted.length)
  }
  return undefined
}

function fraction(element: string, rest: string, fields: Fields): string | undefined {
  const match =
    element[1] === '0' ? new RegExp(`^[.,][0-9]{${element.length - 1}}`).exec(rest) : /^[.,][0-9]+/.exec(rest)
  if (match === null) return element[1] === '9' ? rest : undefined
  fields.nanos = Number(match[0].slice(1, 10).padEnd(9, '0'))
  return rest.slice(match[0].length)
}

function offset(element: string, rest: string, fields: Fields): string | undefined {
  if (element.startsWith('Z') && rest.startsWith('Z')) {
    fields.offset = 0
    fields.zone = 'UTC'
    return rest.slice(1)
  }
  const digits = element.replace(/[^0-9]/g, '').length / 2
  const separator = element.includes(':') ? ':' : ''
  const groups = Array.from({ length: digits }, () => '([0-9]{2})').join(separator)
  const match = new RegExp(`^([+-])${groups}`).exec(rest)
  if (match === null) return undefined
  const [all, sign, hours = '0', minutes = '0', seconds = '0'] = match
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  fields.offset = sign === '-' ? -size : size
  return rest.slice(all.length)
}

function momentOfFields(fields: Fields, outOfRange: OutOfRange): Moment {
  const { year } = fields
  let { hour, month, day } = fields
  if (fields.afternoon === true && hour < 12) hour += 12
  else if (fields.afternoon === false && hour === 12) hour = 0
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  let days: bigint
  if (fields.yearDay > 0) {
    if (fields.yearDay > (leap ? 366 : 365)) outOfRange('day-of-year')
    days = daysOf(year, 1, 1) + BigInt(fields.yearDay - 1)
  } else {
    if (month < 0) month = 1
    if (day < 0) day = 1
    const last = Number(
      daysOf(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - daysOf(year, month, 1),
    )
    if (day < 1 || day > last) outOfRange('day')
    days = daysOf(year, month, day)
  }
  const shift = fields.offset ?? 0
  const local = days * 86_400n + BigInt(hour * 3600 + fields.minute * 60 + fields.second)
  // A zone given only by name keeps its name, with an unknown offset.
  const zone =
    fields.offset === undefined ? (fields.zone ?? 'UTC') : shift === 0 ? 'UTC' : (fields.zone ?? '')
  return { seconds: local - BigInt(shift), nanos: fields.nanos, offset: shift, zone }
}
