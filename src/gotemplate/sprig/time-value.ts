/** Moments (Go's time.Time) as template values: calendar, zone, methods. */
import {
  boolType,
  int64Type,
  intType,
  type MethodSpec,
  namedScalar,
  StructType,
  stringType,
} from '../types.ts'
import { type GoValue, PointerValue, ScalarValue, StructValue } from '../values.ts'
import { type FieldsOfTime, formatTime, MONTHS, WEEKDAYS } from './time-format.ts'

/** Seconds since 1970 and nanoseconds; `offset` of the zone in seconds east of UTC. */
export interface Moment {
  readonly seconds: bigint
  readonly nanos: number
  readonly offset: number
  readonly zone: string
}

const DAY = 86_400n
/** 0001-01-01, Go's zero time. */
export const ZERO_SECONDS = -62_135_596_800n

/** Days since 1970 for a date of the proleptic Gregorian calendar. */
export function daysOf(year: number, month: number, day: number): bigint {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return BigInt(era * 146_097 + dayOfEra - 719_468)
}

function dateOf(days: bigint): { year: number; month: number; day: number } {
  const shifted = Number(days) + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

export function fieldsOf(moment: Moment): FieldsOfTime {
  const local = moment.seconds + BigInt(moment.offset)
  const days = local >= 0n ? local / DAY : -((-local + DAY - 1n) / DAY)
  const second = Number(local - days * DAY)
  const { year, month, day } = dateOf(days)
  return {
    year,
    month,
    day,
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
    nanos: moment.nanos,
    weekday: Number(((days % 7n) + 11n) % 7n),
    yearDay: Number(days - daysOf(year, 1, 1)) + 1,
    offset: moment.offset,
    zone: moment.zone,
  }
}

export function addNanos(moment: Moment, nanos: bigint): Moment {
  const total = moment.seconds * 1_000_000_000n + BigInt(moment.nanos) + nanos
  const rest = ((total % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return { ...moment, seconds: (total - rest) / 1_000_000_000n, nanos: Number(rest) }
}

export function momentOf(value: GoValue): Moment {
  const struct = value instanceof PointerValue ? value.target : value
  const backing = struct instanceof StructValue && struct.type === timeType ? struct.backing : undefined
  // Only `timeValue` makes structs of this type, with a moment as backing.
  return (backing as Moment | undefined) ?? { seconds: ZERO_SECONDS, nanos: 0, offset: 0, zone: 'UTC' }
}

const month = namedScalar('time.Month', 'int', [
  scalarName('String', (number) => MONTHS[number - 1] ?? `%!Month(${number})`),
])
const weekday = namedScalar('time.Weekday', 'int', [
  scalarName('String', (number) => WEEKDAYS[number] ?? `%!Weekday(${number})`),
])

function scalarName(name: string, nameOf: (number: number) => string): MethodSpec {
  return {
    name,
    receiver: 'value',
    params: [],
    returns: stringType,
    call: (receiver) => (receiver instanceof ScalarValue ? nameOf(Number(receiver.value)) : ''),
  }
}

export const timeType: StructType = new StructType(
  'time.Time',
  () => [],
  () => [
    number('Year', (fields) => fields.year),
    number('Day', (fields) => fields.day),
    number('Hour', (fields) => fields.hour),
    number('Minute', (fields) => fields.minute),
    number('Second', (fields) => fields.second),
    number('Nanosecond', (fields) => fields.nanos),
    number('YearDay', (fields) => fields.yearDay),
    method('Month', [], month, (moment) => new ScalarValue(month, BigInt(fieldsOf(moment).month))),
    method('Weekday', [], weekday, (moment) => new ScalarValue(weekday, BigInt(fieldsOf(moment).weekday))),
    method('Unix', [], int64Type, (moment) => new ScalarValue(int64Type, moment.seconds)),
    method(
      'UnixNano',
      [],
      int64Type,
      (moment) =>
        new ScalarValue(int64Type, BigInt.asIntN(64, moment.seconds * 1_000_000_000n + BigInt(moment.nanos))),
    ),
    method('UTC', [], timeType, (moment) => timeValue({ ...moment, offset: 0, zone: 'UTC' })),
    method('IsZero', [], boolType, (moment) => moment.seconds === ZERO_SECONDS && moment.nanos === 0),
    method('Format', [stringType], stringType, (moment, [layout]) =>
      formatTime(typeof layout === 'string' ? layout : '', fieldsOf(moment)),
    ),
    method('String', [], stringType, (moment) =>
      formatTime('2006-01-02 15:04:05.999999999 -0700 MST', fieldsOf(moment)),
    ),
    method('AddDate', [intType, intType, intType], timeType, (moment, [years, months, days]) =>
      timeValue(addDate(moment, Number(years), Number(months), Number(days))),
    ),
  ],
  (value) =>
    JSON.stringify(
      formatTime(
        '2006-01-02T15:04:05.999999999Z07:00',
        fieldsOf(momentOf(value instanceof StructValue ? value : null)),
      ),
    ),
)

function method(
  name: string,
  params: MethodSpec['params'],
  returns: MethodSpec['returns'],
  call: (moment: Moment, args: readonly GoValue[]) => GoValue,
): MethodSpec {
  return {
    name,
    receiver: 'value',
    params,
    returns,
    call: (receiver, args) => call(momentOf(receiver), args),
  }
}

function number(name: string, read: (fields: FieldsOfTime) => number): MethodSpec {
  return method(name, [], intType, (moment) => BigInt(read(fieldsOf(moment))))
}

function addDate(moment: Moment, years: number, months: number, days: number): Moment {
  const fields = fieldsOf(moment)
  const monthIndex = fields.month - 1 + months
  const year = fields.year + years + Math.floor(monthIndex / 12)
  const first = daysOf(year, (((monthIndex % 12) + 12) % 12) + 1, 1)
  const from = daysOf(fields.year, fields.month, fields.day)
  const shift = first + BigInt(fields.day - 1 + days) - from
  return { ...moment, seconds: moment.seconds + shift * DAY }
}

export function timeValue(moment: Moment): StructValue {
  return new StructValue(timeType, { ...moment })
}
