/**
 * The corpus `json-patch`: applying our diff from each document to the result of the API server's library gives that
 * result. Cases that end in an error are left out, because our code need not copy the library's quirks.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  encodeGoJson,
  equalJson,
  isObject,
  type JsonObject,
  type JsonValue,
  own,
} from '../../src/json/index.ts'
import { applyPatch, diffJson } from '../../src/jsonpatch/index.ts'
import { applyStrictly } from '../jsonpatch/strict-apply.ts'
import type { CaseResult, Suite } from './suite.ts'

export const suite: Suite = {
  kind: 'json-patch',
  *run(folder, { caseId }) {
    for (const file of readdirSync(folder).sort()) {
      if (!file.startsWith('cases-')) continue
      const records: JsonValue = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      if (!Array.isArray(records)) continue
      for (const record of records) {
        if (caseId !== undefined && own(record, 'id') !== caseId) continue
        const expect = own(record, 'expect')
        const result = isObject(expect) ? own(expect, 'result') : undefined
        if (result !== undefined) yield runCase(record, result)
      }
    }
  },
}

function runCase(record: JsonObject, wanted: JsonValue): CaseResult {
  const id = String(own(record, 'id'))
  const document = own(record, 'doc') ?? null
  try {
    const patch = diffJson(document, wanted)
    const got = applyPatch(document, patch)
    // Also in the forms alone that the library and the RFC take alike: anything else throws.
    if (equalJson(got, wanted) && equalJson(applyStrictly(document, patch), wanted))
      return { id, passed: true }
    const detail = `patch: ${JSON.stringify(patch)}\n  got:  ${encodeGoJson(got)}\n  want: ${encodeGoJson(wanted)}`
    return { id, passed: false, detail }
  } catch (error) {
    return { id, passed: false, detail: String(error) }
  }
}
