/** sprig's date functions. The clock is the request's; the local zone is UTC, as in istiod's image. */
import type { FunctionContext } from '../context.ts'
import { type FunctionSpec, type FunctionTable, GoFunctionError } from '../functions.ts'
import { parseInt64 } from '../strconv/parse-number.ts'
import { anyType, type GoType, stringType } from '../types.ts'
import { type GoValue, PointerValue, ScalarValue, StructValue, typeOf } from '../values.ts'
import { ofAny, ofStrings, text } from './define.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { formatTime } from './time-format.ts'
import { parseTime } from './time-parse.ts'
import { addNanos, fieldsOf, type Moment, momentOf, timeType, timeValue, ZERO_SECONDS } from './time-value.ts'

function now(context: FunctionContext): Moment {
  const start: Moment = { seconds: 0n, nanos: 0, offset: 0, zone: 'UTC' }
  return addNanos(start, BigInt(Math.trunc(context.nowMs)) * 1_000_000n)
}

function isTime(value: GoValue): boolean {
  return value instanceof StructValue && value.type === timeType
}

/** A time, or seconds since 1970 as int, int32 or int64; for anything else the clock. */
function momentFrom(value: GoValue, context: FunctionContext): Moment {
  if (isTime(value) || (value instanceof PointerValue && isTime(value.target))) return momentOf(value)
  const kind = typeOf(value)?.name
  if (kind === 'int' || kind === 'int32' || kind === 'int64') {
    const seconds = value instanceof ScalarValue ? value.value : value
    return { seconds: BigInt(String(seconds)), nanos: 0, offset: 0, zone: 'UTC' }
  }
  return now(context)
}

/** The moment in the named zone; an unknown name means UTC. */
function inZone(moment: Moment, zone: string): Moment {
  const utc = { ...moment, offset: 0, zone: 'UTC' }
  if (zone === '' || zone === 'UTC' || zone === 'Local') return utc
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    const short = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' })
    const at = new Date(Number(moment.seconds) * 1000)
    const nameIn = (formatter: Intl.DateTimeFormat): string =>
      formatter.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? ''
    const match = /GMT([+-])(\d{2}):(\d{2})/.exec(nameIn(format))
    const size = match === null ? 0 : Number(match[2]) * 3600 + Number(match[3]) * 60
    const offset = match?.[1] === '-' ? -size : size
    const name = nameIn(short)
    return { ...moment, offset, zone: name.startsWith('GMT') && name !== 'GMT' ? '' : name }
  } catch (error) {
    if (error instanceof RangeError) return utc
    throw error
  }
}

function show(layout: string, value: GoValue, zone: string, context: FunctionContext): string {
  context.budget.allocate(layout.length * 2)
  return formatTime(layout, fieldsOf(inZone(momentFrom(value, context), zone)))
}

const formatting: FunctionSpec = {
  params: [stringType, anyType, stringType],
  returns: stringType,
  impure: 'clock',
  call: ([layout, value, zone], context) => show(text(layout), value, text(zone), context),
}

/** Declares a function of a duration and a time. */
function modifying(onBad: (moment: Moment, error: GoFunctionError) => Moment): FunctionSpec {
  const params: readonly GoType[] = [stringType, timeType]
  return {
    params,
    returns: timeType,
    call: ([by, value]) => {
      const moment = momentOf(value)
      try {
        return timeValue(addNanos(moment, parseDuration(text(by))))
      } catch (error) {
        if (error instanceof GoFunctionError) return timeValue(onBad(moment, error))
        throw error
      }
    },
  }
}

const modify = modifying((moment) => moment)
const mustModify = modifying((_, error) => {
  throw error
})

function durationOf(value: GoValue): bigint {
  if (typeof value === 'string') return parseInt64(value, 10).value
  return value instanceof ScalarValue && value.type.name === 'int64' ? BigInt(value.value) : 0n
}

const ROUNDING: readonly (readonly [bigint, string])[] = [
  [3_600n * 24n * 365n, 'y'],
  [3_600n * 24n * 30n, 'mo'],
  [3_600n * 24n, 'd'],
  [3_600n, 'h'],
  [60n, 'm'],
  [1n, 's'],
]

function roundDuration(value: GoValue, context: FunctionContext): string {
  let nanos = 0n
  if (typeof value === 'string') {
    try {
      nanos = parseDuration(value)
    } catch (error) {
      if (!(error instanceof GoFunctionError)) throw error
    }
  } else if (value instanceof ScalarValue && value.type.name === 'int64') nanos = BigInt(value.value)
  else if (isTime(value)) nanos = since(momentOf(value), context)
  const size = nanos < 0n ? -nanos : nanos
  for (const [seconds, unit] of ROUNDING) {
    const scale = seconds * 1_000_000_000n
    if (size > scale) return `${size / scale}${unit}`
  }
  return '0s'
}

function since(moment: Moment, context: FunctionContext): bigint {
  const current = now(context)
  return (current.seconds - moment.seconds) * 1_000_000_000n + BigInt(current.nanos - moment.nanos)
}

export const dates: FunctionTable = {
  now: { params: [], returns: timeType, impure: 'clock', call: (_, context) => timeValue(now(context)) },
  ago: {
    ...ofAny(1, stringType, ([value], context) => {
      const passed = since(momentFrom(value, context), context)
      const half = passed < 0n ? -500_000_000n : 500_000_000n
      return formatDuration(((passed + half) / 1_000_000_000n) * 1_000_000_000n)
    }),
    impure: 'clock',
  },
  date: {
    params: [stringType, anyType],
    returns: stringType,
    impure: 'clock',
    call: ([layout, value], context) => show(text(layout), value, 'Local', context),
  },
  dateInZone: formatting,
  date_in_zone: formatting,
  htmlDate: {
    ...ofAny(1, stringType, ([value], context) => show('2006-01-02', value, 'Local', context)),
    impure: 'clock',
  },
  htmlDateInZone: {
    params: [anyType, stringType],
    returns: stringType,
    impure: 'clock',
    call: ([value, zone], context) => show('2006-01-02', value, text(zone), context),
  },
  dateModify: modify,
  date_modify: modify,
  mustDateModify: mustModify,
  must_date_modify: mustModify,
  toDate: ofStrings(2, timeType, ([layout = '', value = '']) => {
    try {
      return timeValue(parseTime(layout, value))
    } catch (error) {
      if (!(error instanceof GoFunctionError)) throw error
      return timeValue({ seconds: ZERO_SECONDS, nanos: 0, offset: 0, zone: 'UTC' })
    }
  }),
  mustToDate: ofStrings(2, timeType, ([layout = '', value = '']) => timeValue(parseTime(layout, value))),
  unixEpoch: { params: [timeType], returns: stringType, call: ([value]) => String(momentOf(value).seconds) },
  duration: ofAny(1, stringType, ([value]) => formatDuration(durationOf(value) * 1_000_000_000n)),
  durationRound: {
    ...ofAny(1, stringType, ([value], context) => roundDuration(value, context)),
    impure: 'clock',
  },
}
