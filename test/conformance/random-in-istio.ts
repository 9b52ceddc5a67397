/**
 * The one random answer of Istio: it reads several annotations that Prometheus treats as one (`prometheus.io/port`
 * and `prometheus-io/port`) in the order of a Go map, so any of their values may be used. Remora always uses the
 * same value, which must be one of them.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import type { Difference } from './compare-pods.ts'

export const RANDOM_IN_ISTIO =
  'one annotation in several spellings: Istio reads them in the random order of a Go map, so each of the values is correct'

/** @param request the pod as it was sent */
export function isRandomInIstio({ ours, expected }: Difference, request: JsonObject | undefined): boolean {
  const a = scrapeOf(ours)
  const b = scrapeOf(expected)
  if (a === undefined || b === undefined) return false
  return ['scrape', 'path', 'port'].every((name) => {
    const values = valuesOf(request, `prometheus_io_${name}`)
    const pair = [own(a, name), own(b, name)]
    return pair[0] === pair[1] || pair.every((value) => typeof value === 'string' && values.has(value))
  })
}

/** The value of ISTIO_PROMETHEUS_ANNOTATIONS. */
function scrapeOf(value: JsonValue | undefined): JsonObject | undefined {
  if (typeof value !== 'string' || !value.startsWith('{"scrape"')) return undefined
  const parsed: JsonValue = JSON.parse(value)
  return isObject(parsed) ? parsed : undefined
}

function valuesOf(request: JsonObject | undefined, sanitised: string): ReadonlySet<string> {
  const metadata = own(request, 'metadata')
  const annotations = isObject(metadata) ? own(metadata, 'annotations') : undefined
  if (!isObject(annotations)) return new Set()
  const same = Object.entries(annotations).filter(([key]) => key.replace(/[^a-zA-Z0-9_]/g, '_') === sanitised)
  return new Set(same.map(([, value]) => String(value)))
}
