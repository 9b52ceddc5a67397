/**
 * Whether a pod has what injection states, as the API server stores it: fields that it adds are not compared, quantities
 * count by their value, empty values that Go omits may be absent, and JSON texts are compared by their content.
 */
import { equalJson, isObject, type JsonValue, own } from '../json/index.ts'
import { isList, parseQuantity } from '../kube/index.ts'
import { parseStructure } from './earlier-injection.ts'
import type { Path } from './paths.ts'

export interface Mismatch {
  /** Appended to the statement's path: `{discoveryAddress}` within a JSON text; empty for the value itself. */
  readonly within: string
  readonly stated: JsonValue | undefined
  readonly found: JsonValue | undefined
}

/** Empty if it is satisfied. */
export function findMismatches(stated: JsonValue, found: JsonValue, path: Path): readonly Mismatch[] {
  if (isSatisfied(stated, found, path)) return []
  const [left, right] = [parseStructure(stated), parseStructure(found)]
  if (left === undefined || right === undefined) return [{ within: '', stated, found }]
  if (!isObject(left) || !isObject(right))
    return isSatisfied(withoutProtocols(left), withoutProtocols(right), [])
      ? []
      : [{ within: '', stated, found }]
  const isProbers = path.some((segment) => typeof segment === 'object' && segment.item === PROBERS)
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .map((key) => ({ within: `{${key}}`, stated: own(left, key), found: own(right, key) }))
    .filter((one) => !equalJson(one.stated, one.found))
    .filter((one) => !isProbers || !equalJson(withoutDefaults(one.stated), withoutDefaults(one.found)))
}

const PROBERS = 'ISTIO_KUBE_APP_PROBERS'

/** ISTIO_META_POD_PORTS of a template that the API server has not defaulted. */
function withoutProtocols(list: JsonValue): JsonValue {
  if (!isList(list)) return list
  return list.map((item) =>
    isObject(item)
      ? Object.fromEntries(
          Object.entries(item).filter(([key, value]) => key !== 'protocol' || value !== 'TCP'),
        )
      : item,
  )
}

/** A probe that the API server has defaulted means the same as one that it has not. */
function withoutDefaults(prober: JsonValue | undefined): JsonValue | undefined {
  if (!isObject(prober)) return prober
  const action = own(prober, 'httpGet')
  const entries = Object.entries(prober).filter(([key, value]) => key !== 'timeoutSeconds' || value !== 1)
  if (!isObject(action)) return Object.fromEntries(entries)
  const httpGet = { path: '/', scheme: 'HTTP', ...action }
  return { ...Object.fromEntries(entries), httpGet }
}

/** A field that Go's encoding omits when it has this value. */
export function mayBeAbsent(value: JsonValue): boolean {
  if (value === null || value === '' || value === false || value === 0) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function isSatisfied(stated: JsonValue, found: JsonValue, path: Path): boolean {
  if (equalJson(stated, found)) return true
  if (isObject(stated) && isObject(found)) {
    return Object.entries(stated).every(([key, value]) => {
      const there = own(found, key)
      return there === undefined ? mayBeAbsent(value) : isSatisfied(value, there, [...path, key])
    })
  }
  if (isList(stated) && isList(found)) {
    return (
      stated.length === found.length &&
      stated.every((item, index) => isSatisfied(item, found[index] ?? null, path))
    )
  }
  return isQuantity(path) && equalQuantities(stated, found)
}

function isQuantity(path: Path): boolean {
  const last = path.at(-1)
  return last === 'divisor' || last === 'sizeLimit' || path.includes('requests') || path.includes('limits')
}

export function equalQuantities(a: JsonValue, b: JsonValue): boolean {
  const [left, right] = [parseQuantity(String(a)), parseQuantity(String(b))]
  return left.ok && right.ok && left.canonical === right.canonical
}
