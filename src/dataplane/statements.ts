/**
 * The statements of an injection: every value that the injected pod has and the submitted one does not, and every field
 * that injection removes. All other fields of the pod do not come from injection.
 */

import { STATUS } from '../inject/index.ts'
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { itemsOf, type Path, type Segment } from './paths.ts'

export interface Statement {
  readonly path: Path
  /** undefined: injection removes the field. */
  readonly value: JsonValue | undefined
}

/** Texts about the injection itself, which leftovers.ts reads. */
const RECORDS: ReadonlySet<string> = new Set([STATUS, 'proxy.istio.io/overrides'])

export function findStatements(submitted: JsonObject, injected: JsonObject): readonly Statement[] {
  const found: Statement[] = []
  for (const key of ['metadata', 'spec'])
    compare({ path: [key], before: own(submitted, key), after: own(injected, key) }, found)
  return found
}

interface Place {
  readonly path: Path
  readonly before: JsonValue | undefined
  readonly after: JsonValue | undefined
}

function compare({ path, before, after }: Place, found: Statement[]): void {
  if (before === after || (before !== undefined && after !== undefined && equalJson(before, after))) return
  if (after === undefined) {
    if (!isEmpty(before)) found.push({ path, value: undefined })
    return
  }
  const key = path.at(-1)
  if (isObject(after) && (before === undefined || isObject(before))) {
    const keys = Object.keys(after)
    if (keys.length === 0) return void found.push({ path, value: after })
    for (const name of new Set([...Object.keys(before ?? {}), ...keys])) {
      if (key === 'annotations' && RECORDS.has(name)) continue
      compare({ path: [...path, name], before: own(before, name), after: own(after, name) }, found)
    }
    return
  }
  const [old, items] =
    typeof key === 'string' ? [itemsOf(key, before), itemsOf(key, after)] : [undefined, undefined]
  if (old === undefined || items === undefined) return void found.push({ path, value: after })
  for (const name of new Set([...old.keys(), ...items.keys()])) {
    const segment: Segment = { item: name }
    compare({ path: [...path, segment], before: old.get(name), after: items.get(name) }, found)
  }
}

function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
