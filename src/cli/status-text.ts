/**
 * The text of `remora status`: readiness, facts, then each list as a table. Apart from readiness it knows no field names, so
 * that the whole state of a newer server is shown.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import type { Paint } from './paint.ts'
import { paragraphs, type Text, type TextPart, tableLines, text } from './text.ts'

export function statusText(state: JsonObject, paint: Paint): Text {
  const { ready, reason, version, ...facts } = state
  const verdict =
    ready === true ? paint.good('ready') : paint.bad(`not ready: ${plain(reason ?? 'no reason given')}`)
  const entries = Object.entries(facts)
  return paragraphs([
    [text`${verdict} (Remora ${plain(version ?? 'version unknown')})`],
    ...entries.map(([name, value]) => sectionLines(name, value, paint)),
  ])
}

function sectionLines(name: string, value: JsonValue, paint: Paint): readonly TextPart[] {
  const title = paint.bold(titleOf(name))
  if (Array.isArray(value)) return [title, ...(value.length === 0 ? ['  none'] : rowLines(value))]
  if (!isObject(value)) return [text`${title}: ${plain(value)}`]
  return [
    title,
    ...Object.entries(value).flatMap(([key, inner]) =>
      Array.isArray(inner) && inner.some(isObject)
        ? [`  ${titleOf(key)}`, ...rowLines(inner).map((line) => text`  ${line}`)]
        : [`  ${titleOf(key)}: ${plain(inner)}`],
    ),
  ]
}

/** Objects as a table of all their fields; anything else a line each. */
function rowLines(items: readonly JsonValue[]): readonly TextPart[] {
  if (!items.every(isObject)) return items.map((item) => `  ${plain(item)}`)
  const names = [...new Set(items.flatMap((item) => Object.keys(item)))]
  const head = names.map((name) => titleOf(name).toUpperCase())
  const rows = items.map((item) => names.map((name) => plain(own(item, name) ?? '-')))
  return tableLines([head, ...rows]).map((line) => text`  ${line}`)
}

/** `istioVersion`: `istio version`. */
function titleOf(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()
}

/** On one line. */
function plain(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(plain).join(', ')
  if (!isObject(value)) return String(value)
  return Object.entries(value)
    .map(([key, inner]) => `${titleOf(key)}: ${plain(inner)}`)
    .join('; ')
}
