/**
 * Corpus kind `go-yaml-json`: YAML and JSON as Go reads and writes them. Values in the notation for typed Go data
 * become what encoding/json makes of them here, since to JSON a Go type is only an order of keys and a default.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  compareUtf8,
  encodeGoJson,
  encodeYaml,
  JsonError,
  type JsonObject,
  jsonToYaml,
  own,
  parseYaml,
  parseYamlStringList,
  parseYamlStringMap,
  type WideJson,
  yamlToJson,
} from '../../src/json/index.ts'
import type { CaseResult, Suite, SuiteOptions } from './suite.ts'

interface Case {
  readonly id: string
  readonly group: string
  readonly yaml?: string
  readonly yamlBase64?: string
  readonly json?: string
  readonly value?: unknown
  readonly target?: string
  readonly expect: {
    readonly json?: string
    readonly jsonBase64?: string
    readonly yaml?: string
    readonly error?: string
  }
}

interface StructTypes {
  readonly [name: string]: {
    readonly fields: readonly { readonly name: string; readonly type: string; readonly embedded?: boolean }[]
  }
}

export const suite: Suite = {
  kind: 'go-yaml-json',
  *run(folder: string, options: SuiteOptions): Iterable<CaseResult> {
    const types: { readonly structs: StructTypes } = JSON.parse(
      readFileSync(join(folder, '..', 'gotemplate', 'types.json'), 'utf8'),
    )
    for (const file of readdirSync(folder).filter((name) => name.startsWith('cases-'))) {
      const cases: readonly Case[] = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      for (const one of cases) {
        if (options.caseId === undefined || options.caseId === one.id) yield runCase(one, types.structs)
      }
    }
  },
}

function runCase(one: Case, structs: StructTypes): CaseResult {
  const { expect } = one
  const wanted =
    expect.error !== undefined
      ? `error: ${expect.error}`
      : expect.jsonBase64 !== undefined
        ? Buffer.from(expect.jsonBase64, 'base64').toString('utf8')
        : (expect.json ?? expect.yaml ?? '')
  let got: string
  let failed = false
  try {
    got = answer(one, structs)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    failed = true
    got = `error: ${error.message}`
  }
  const passed = expect.error === undefined ? !failed && got === wanted : failed
  return passed ? { id: one.id, passed } : { id: one.id, passed, detail: `wanted ${wanted}\n   got ${got}` }
}

function answer(one: Case, structs: StructTypes): string {
  if (one.json !== undefined) return jsonToYaml(one.json)
  if ('value' in one) {
    const value = decode(one.value, structs)
    const isStruct = JSON.stringify(one.value).includes('"$struct"')
    return one.group === 'go-json' ? encodeGoJson(value, { sortKeys: !isStruct }) : encodeYaml(value)
  }
  const yaml = one.yamlBase64 === undefined ? (one.yaml ?? '') : Buffer.from(one.yamlBase64, 'base64')
  switch (one.target) {
    case undefined:
      return yamlToJson(yaml)
    case 'any':
      return encodeGoJson(parseYaml(yaml))
    case 'map[string]string':
      return encodeGoJson(parseYamlStringMap(yaml))
    case '[]string':
      return encodeGoJson(parseYamlStringList(yaml))
    default: {
      const value = parseYaml(yaml)
      if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
        throw new JsonError('yaml-value', 'not a map')
      }
      return encodeGoJson(value)
    }
  }
}

/** The notation of the corpus `gotemplate` (its README), as far as JSON distinguishes Go values. */
function decode(value: unknown, structs: StructTypes): WideJson {
  if (Array.isArray(value)) return value.map((item) => decode(item, structs))
  if (typeof value !== 'object' || value === null) return value as WideJson // what JSON.parse gave
  const object = value as JsonObject // not a list, see above
  const kind = Object.keys(object)[0] ?? ''
  const inner = own(object, kind)
  switch (kind) {
    case '$float32':
    case '$float64':
      return Number(inner)
    case '$bytes':
      return Buffer.from(String(inner)).toString('base64')
    case '$error':
      return {}
    case '$nilPtr':
      return null
    case '$enum':
      return decode(own(object, 'value'), structs)
    case '$struct':
      return decodeStruct(String(inner), own(object, 'fields') ?? {}, structs)
    case '$func':
    case '$mapBool':
    case '$mapFloat':
      throw new JsonError('yaml-value', `json: unsupported type for ${kind}`)
  }
  if (kind.startsWith('$int') || kind.startsWith('$uint')) return BigInt(String(inner))
  if (kind.startsWith('$')) return decode(inner, structs)
  const entries = Object.entries(object).sort(([a], [b]) => compareUtf8(a, b))
  return Object.fromEntries(entries.map(([key, item]) => [key, decode(item, structs)]))
}

function decodeStruct(name: string, fields: unknown, structs: StructTypes): WideJson {
  const result: { [key: string]: WideJson } = {}
  for (const field of own(structs, name)?.fields ?? []) {
    const given = own(fields as JsonObject, field.name) ?? null // what JSON.parse gave
    const base = field.type.replace(/^model\./, '')
    if (field.embedded === true || (Object.hasOwn(structs, base) && field.name === base)) {
      Object.assign(result, decodeStruct(base, given ?? {}, structs))
    } else {
      result[field.name] = given === null ? zeroOf(field.type, structs) : decode(given, structs)
    }
  }
  return result
}

function zeroOf(type: string, structs: StructTypes): WideJson {
  if (/^(?:\*|\[\]|map|any|func|interface)/.test(type)) return null
  if (type === 'string' || type === 'model.Protocol') return ''
  if (type === 'bool') return false
  const base = type.replace(/^model\./, '')
  return Object.hasOwn(structs, base) ? decodeStruct(base, {}, structs) : 0
}
