/**
 * Parses metav1.Time (RFC 3339) as Go's time.Parse does, and formats it in UTC with whole seconds. No clock, no local
 * zone.
 */

/** `canonical` is null for Go's zero time, 0001-01-01T00:00:00Z, which Kubernetes writes as null. */
export type TimeResult =
  | { readonly ok: true; readonly canonical: string | null }
  | { readonly ok: false; readonly error: string }

const LAYOUT = '2006-01-02T15:04:05Z07:00'
const ZERO_TIME = '0001-01-01T00:00:00Z'

/** One element of the layout: its name in errors and its number of digits. */
interface Element {
  readonly layout: string
  readonly min: number
  readonly max: number
  readonly range?: readonly [number, number, string]
}

const ELEMENTS: readonly Element[] = [
  { layout: '2006', min: 4, max: 4 },
  { layout: '-', min: 0, max: 0 },
  { layout: '01', min: 2, max: 2, range: [1, 12, 'month'] },
  { layout: '-', min: 0, max: 0 },
  // The range of the day is checked last.
  { layout: '02', min: 2, max: 2 },
  { layout: 'T', min: 0, max: 0 },
  // Go's layout 15 accepts one digit or two.
  { layout: '15', min: 1, max: 2, range: [0, 23, 'hour'] },
  { layout: ':', min: 0, max: 0 },
  { layout: '04', min: 2, max: 2, range: [0, 59, 'minute'] },
  { layout: ':', min: 0, max: 0 },
  { layout: '05', min: 2, max: 2, range: [0, 59, 'second'] },
]

/** The text as Go formats the time, or Go's error. */
export function parseTime(text: string): TimeResult {
  const numbers: number[] = []
  let at = 0
  for (const { layout, min, max, range } of ELEMENTS) {
    if (max === 0) {
      if (text[at] !== layout) return cannotParse(text, at, layout)
      at++
      continue
    }
    const length = digitsAt(text, at, max)
    if (length < min) return cannotParse(text, at, layout)
    const value = Number(text.slice(at, at + length))
    at += length
    if (range !== undefined && (value < range[0] || value > range[1])) return outOfRange(text, range[2])
    numbers.push(value)
  }
  if ((text[at] === '.' || text[at] === ',') && digitsAt(text, at + 1, 1) === 1) {
    at++
    while (digitsAt(text, at, 1) === 1) at++
  }
  const zone = readZone(text, at)
  if (zone === undefined) return cannotParse(text, at, 'Z07:00')
  if (zone.fault !== undefined) return outOfRange(text, `time zone offset ${zone.fault}`)
  if (zone.end < text.length) {
    return { ok: false, error: `parsing time ${quote(text)}: extra text: ${quote(text.slice(zone.end))}` }
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers
  if (day < 1 || day > daysIn(year, month)) return outOfRange(text, 'day')
  const minutes = (daysBefore(year, month) + day - 1) * 1440 + hour * 60 + minute - zone.offsetMinutes
  const canonical = write(minutes, second)
  return { ok: true, canonical: canonical === ZERO_TIME ? null : canonical }
}

function digitsAt(text: string, at: number, max: number): number {
  let length = 0
  while (length < max) {
    const code = text.charCodeAt(at + length)
    if (!(code >= 0x30 && code <= 0x39)) break
    length++
  }
  return length
}

interface Zone {
  readonly end: number
  readonly offsetMinutes: number
  /** What is out of range. */
  readonly fault: 'hour' | 'minute' | undefined
}

function readZone(text: string, at: number): Zone | undefined {
  if (text[at] === 'Z') return { end: at + 1, offsetMinutes: 0, fault: undefined }
  const sign = text[at] === '-' ? -1 : text[at] === '+' ? 1 : 0
  if (sign === 0 || digitsAt(text, at + 1, 2) < 2 || text[at + 3] !== ':' || digitsAt(text, at + 4, 2) < 2) {
    return undefined
  }
  const hours = Number(text.slice(at + 1, at + 3))
  const minutes = Number(text.slice(at + 4, at + 6))
  const fault = hours > 24 ? 'hour' : minutes > 60 ? 'minute' : undefined
  return { end: at + 6, offsetMinutes: sign * (hours * 60 + minutes), fault }
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days from 0000-01-01 to the first of that month. */
function daysBefore(year: number, month: number): number {
  const past = year - 1
  let days = year * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) + 1
  for (let i = 1; i < month; i++) days += daysIn(year, i)
  return days
}

function write(minutes: number, second: number): string {
  let day = Math.floor(minutes / 1440)
  const ofDay = minutes - day * 1440
  let year = Math.floor(day / 366)
  while (daysBefore(year + 1, 1) <= day) year++
  day -= daysBefore(year, 1)
  let month = 1
  for (; day >= daysIn(year, month); month++) day -= daysIn(year, month)
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day + 1, 2)}`
  return `${date}T${pad(Math.floor(ofDay / 60), 2)}:${pad(ofDay % 60, 2)}:${pad(second, 2)}Z`
}

function pad(value: number, width: number): string {
  return value < 0 ? `-${pad(-value, width)}` : String(value).padStart(width, '0')
}

function cannotParse(text: string, at: number, element: string): TimeResult {
  const rest = quote(text.slice(at))
  return {
    ok: false,
    error: `parsing time ${quote(text)} as "${LAYOUT}": cannot parse ${rest} as "${element}"`,
  }
}

function outOfRange(text: string, what: string): TimeResult {
  return { ok: false, error: `parsing time ${quote(text)}: ${what} out of range` }
}

function quote(text: string): string {
  return JSON.stringify(text)
}
