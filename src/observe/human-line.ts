/** A line of the JSON log as people read it on a terminal: time, level, message, and the fields behind it. */
import { isObject, type JsonValue, parseJson } from '../json/index.ts'
import { visibleText } from '../visible-text.ts'

const LEVELS: ReadonlyMap<number, string> = new Map([
  [10, 'TRACE'],
  [20, 'DEBUG'],
  [30, 'INFO'],
  [40, 'WARN'],
  [50, 'ERROR'],
  [60, 'FATAL'],
])
const LEVEL_WIDTH = 5
/** Longer texts and nested values are for the JSON log. */
const LONGEST_VALUE = 200

/** `10:32:07 INFO  serving  url=https://localhost:9443 revisions=3`; a line that is not of this log is returned as it is. */
export function humanLine(json: string): string {
  const line = tryParse(json)
  if (!isObject(line)) return json
  const { time, level, msg, ...fields } = line
  const clock = typeof time === 'number' ? new Date(time).toISOString().slice(11, 19) : ''
  const name = (typeof level === 'number' ? LEVELS.get(level) : undefined) ?? ''
  const shown = Object.entries(fields).map(([key, value]) => `${visibleText(key)}=${valueText(value)}`)
  const message = typeof msg === 'string' ? visibleText(msg) : ''
  return `${[`${clock} ${name.padEnd(LEVEL_WIDTH)} ${message}`, ...shown].join('  ')}\n`
}

function valueText(value: JsonValue | undefined): string {
  const message = isObject(value) && 'message' in value ? value['message'] : value
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  const short = text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 3)}...`
  return /^[\w./:-]+$/.test(short)
    ? short
    : visibleText(typeof message === 'string' ? JSON.stringify(short) : short)
}

function tryParse(json: string): JsonValue | undefined {
  try {
    return parseJson(json.trimEnd())
  } catch {
    return undefined
  }
}
