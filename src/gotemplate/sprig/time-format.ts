/** Formats a moment with one of Go's layouts (`2006-01-02 15:04:05`). */

export interface FieldsOfTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanos: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly yearDay: number
  readonly offset: number
  readonly zone: string
}

export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
export const WEEKDAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
]

/** Longest first if one is a prefix of another. `Jan` and `Mon` may not be followed by lower case. */
const ELEMENT =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|01|02|03|04|05|06|2006|__2|_2006|_2|15|PM|pm|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07|[.,](?:0+|9+)(?![0-9])|1|2|3|4|5/g

/** A layout split into elements and the text between them. */
export type LayoutPart = { readonly element: string } | { readonly text: string }

export function cutLayout(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = []
  let end = 0
  for (const match of layout.matchAll(ELEMENT)) {
    if (match.index > end) parts.push({ text: layout.slice(end, match.index) })
    if (match[0] === '_2006') parts.push({ text: '_' }, { element: '2006' })
    else parts.push({ element: match[0] })
    end = match.index + match[0].length
  }
  if (end < layout.length) parts.push({ text: layout.slice(end) })
  return parts
}

export function formatTime(layout: string, fields: FieldsOfTime): string {
  return cutLayout(layout)
    .map((part) => ('text' in part ? part.text : formatElement(part.element, fields)))
    .join('')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function formatElement(element: string, fields: FieldsOfTime): string {
  const { year, month, day, hour, minute, second } = fields
  switch (element) {
    case '2006':
      return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0')
    case '06':
      return two(((year % 100) + 100) % 100)
    case 'January':
      return MONTHS[month - 1] ?? ''
    case 'Jan':
      return (MONTHS[month - 1] ?? '').slice(0, 3)
    case '01':
      return two(month)
    case '1':
      return String(month)
    case 'Monday':
      return WEEKDAYS[fields.weekday] ?? ''
    case 'Mon':
      return (WEEKDAYS[fields.weekday] ?? '').slice(0, 3)
    case '02':
      return two(day)
    case '_2':
      return String(day).padStart(2, ' ')
    case '2':
      return String(day)
    case '002':
      return String(fields.yearDay).padStart(3, '0')
    case '__2':
      return String(fields.yearDay).padStart(3, ' ')
    case '15':
      return two(hour)
    case '03':
      return two(hour % 12 === 0 ? 12 : hour % 12)
    case '3':
      return String(hour % 12 === 0 ? 12 : hour % 12)
    case '04':
      return two(minute)
    case '4':
      return String(minute)
    case '05':
      return two(second)
    case '5':
      return String(second)
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return hour >= 12 ? 'pm' : 'am'
    case 'MST':
      return fields.zone === '' ? formatOffset('-0700', fields.offset) : fields.zone
    default:
      return /^[.,]/.test(element)
        ? formatFraction(element, fields.nanos)
        : formatOffset(element, fields.offset)
  }
}

/** `.000` keeps zeros, `.999` drops them. */
function formatFraction(element: string, nanos: number): string {
  const digits = String(nanos)
    .padStart(9, '0')
    .slice(0, element.length - 1)
  if (element[1] === '0') return element.charAt(0) + digits.padEnd(element.length - 1, '0')
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : element.charAt(0) + trimmed
}

function formatOffset(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z'
  const size = Math.abs(offset)
  const separator = element.includes(':') ? ':' : ''
  const parts = [two(Math.floor(size / 3600))]
  const digits = element.replace(/[^0-9]/g, '').length
  if (digits >= 4) parts.push(two(Math.floor(size / 60) % 60))
  if (digits >= 6) parts.push(two(size % 60))
  return (offset < 0 ? '-' : '+') + parts.join(separator)
}
