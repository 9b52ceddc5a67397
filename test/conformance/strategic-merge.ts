/** The corpus `strategic-merge`: result, typed text and error classes of Kubernetes' own function. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RemoraError } from '../../src/errors.ts'
import {
  encodeGoJson,
  equalJson,
  isObject,
  type JsonObject,
  type JsonValue,
  own,
} from '../../src/json/index.ts'
import { encodeTyped } from '../../src/kube/index.ts'
import { strategicMerge } from '../../src/merge/index.ts'
import type { CaseResult, Suite } from './suite.ts'

const CLASS_OF_CODE: ReadonlyMap<string, string> = new Map([
  ['merge-missing-key', 'missing-merge-key'],
  ['merge-bad-directive', 'bad-directive'],
  ['merge-bad-element-order', 'bad-element-order'],
  ['merge-bad-retain-keys', 'bad-retain-keys'],
  ['merge-bad-primitive-delete', 'bad-primitive-delete'],
  ['merge-type-mismatch', 'type-mismatch'],
  ['merge-not-a-struct', 'not-a-struct'],
  ['merge-bad-document', 'bad-json'],
])

export const suite: Suite = {
  kind: 'strategic-merge',
  *run(folder, { caseId }) {
    for (const file of readdirSync(folder).sort()) {
      if (!file.startsWith('cases-')) continue
      const records: JsonValue = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      if (!Array.isArray(records)) continue
      for (const record of records) {
        if (caseId === undefined || own(record, 'id') === caseId) yield runCase(record)
      }
    }
  },
}

function runCase(record: JsonObject): CaseResult {
  const id = String(own(record, 'id'))
  const expect = own(record, 'expect')
  if (!isObject(expect)) return { id, passed: false, detail: 'the record has no expect' }
  const schema = String(own(record, 'schema'))
  const original = own(record, 'original') ?? null
  const patch = own(record, 'patch') ?? null
  const before = JSON.stringify([original, patch])
  let result: JsonObject
  try {
    result = strategicMerge(original, patch, schema)
  } catch (error) {
    return { id, ...compareError(error, expect) }
  }
  if (JSON.stringify([original, patch]) !== before)
    return { id, passed: false, detail: 'an input was changed' }
  const wanted = own(expect, 'result')
  if (!equalJson(result, wanted)) {
    return {
      id,
      passed: false,
      detail: difference('result', encodeGoJson(result), encodeGoJson(wanted ?? null)),
    }
  }
  return { id, ...compareTyped(schema, result, expect) }
}

function compareError(error: unknown, expect: JsonObject): Omit<CaseResult, 'id'> {
  const wanted = own(expect, 'class')
  if (!(error instanceof RemoraError)) return { passed: false, detail: String(error) }
  // Where Go panics any error is right.
  if (wanted === 'panic' || (wanted !== undefined && CLASS_OF_CODE.get(error.code) === wanted))
    return { passed: true }
  return {
    passed: false,
    detail: difference('error', `${error.code}: ${error.message}`, JSON.stringify(expect)),
  }
}

function compareTyped(schema: string, result: JsonObject, expect: JsonObject): Omit<CaseResult, 'id'> {
  const wanted = own(expect, 'typed')
  const wantedError = own(expect, 'typedError')
  if (wanted === undefined && wantedError === undefined) return { passed: true }
  try {
    const typed = encodeTyped(schema, result)
    if (typeof wanted === 'string' && typed === roundNumbers(wanted)) return { passed: true }
    return { passed: false, detail: difference('typed', typed, String(wanted ?? wantedError)) }
  } catch (error) {
    const reason = error instanceof RemoraError && 'reason' in error ? error.reason : String(error)
    if (reason === wantedError) return { passed: true }
    return { passed: false, detail: difference('typed error', String(reason), String(wantedError ?? wanted)) }
  }
}

/** Integers past 2^53 as JavaScript rounds them; only outside strings. */
function roundNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, (token) =>
    token[0] === '"' ? token : String(Number(token)),
  )
}

function difference(what: string, got: string, want: string): string {
  return `${what}\n  got:  ${got}\n  want: ${want}`
}
