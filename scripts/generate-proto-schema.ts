/**
 * Writes src/istio/proto-schema.generated.ts: the protobuf messages of Istio that the injector reads, with the
 * releases in which each field exists. Needs Go; run it when a new Istio minor is added.
 *
 *   node scripts/generate-proto-schema.ts 1.19=API,ISTIO 1.20=API,ISTIO ...
 *
 * API is a checkout of github.com/istio/api at the commit that the release's go.mod names, ISTIO a checkout of
 * github.com/istio/istio at the release's tag (only operator/pkg/apis is read). Descriptors are printed by the Go
 * program beside this file and merged here: a field that changed its type between releases becomes two.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

interface Field {
  json: string
  proto: string
  go: string
  number: number
  kind: string
  shape?: 'list' | 'map'
  key?: string
  message?: string
  enum?: string
  oneof?: string
  wrapper?: string
  presence?: boolean
}
interface Dump {
  messages: Record<string, { goType: string; fields: Field[] }>
  enums: Record<string, { goType: string; names: Record<string, string> }>
}
interface MergedField extends Field {
  /** Minors that have it, ascending. */
  minors: number[]
}

const here = import.meta.dirname

function valuesFile(istio: string): string {
  const file = readdirSync(join(istio, 'operator/pkg/apis'), { recursive: true, encoding: 'utf8' }).find(
    (path) => path.endsWith('values_types.pb.go'),
  )
  if (file === undefined) throw new Error(`${istio}: no operator/pkg/apis/**/values_types.pb.go`)
  return join(istio, 'operator/pkg/apis', file)
}

function dumpRelease(api: string, istio: string): Dump {
  const work = mkdtempSync(join(tmpdir(), 'proto-schema-'))
  try {
    cpSync(join(here, 'generate-proto-schema'), work, { recursive: true })
    const source = readFileSync(valuesFile(istio), 'utf8').replace(/^package .*$/m, 'package values')
    mkdirSync(join(work, 'values'))
    writeFileSync(join(work, 'values', 'values.go'), source)
    const run = (...args: string[]) =>
      execFileSync('go', args, {
        cwd: work,
        encoding: 'utf8',
        maxBuffer: 1 << 26,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    run('mod', 'edit', '-replace', `istio.io/api=${resolve(api)}`)
    run('mod', 'tidy')
    return JSON.parse(run('run', '.')) as Dump
  } finally {
    rmSync(work, { recursive: true })
  }
}

/** What makes two releases' fields the same one. */
function signature(field: Field): string {
  return JSON.stringify([
    field.json,
    field.kind,
    field.shape,
    field.key,
    field.message,
    field.enum,
    field.oneof,
  ])
}

function merge(dumps: ReadonlyMap<number, Dump>) {
  const messages = new Map<string, { goType: string; fields: MergedField[] }>()
  const enums = new Map<string, { goType: string; names: Record<string, string> }>()
  const minors = [...dumps.keys()].sort((a, b) => b - a)
  for (const minor of minors) {
    const dump = dumps.get(minor)
    if (dump === undefined) continue
    for (const [name, message] of Object.entries(dump.messages)) {
      let merged = messages.get(name)
      if (merged === undefined) {
        merged = { goType: message.goType, fields: [] }
        messages.set(name, merged)
      }
      let after = -1
      for (const field of message.fields) {
        const index = merged.fields.findIndex((other) => signature(other) === signature(field))
        const known = merged.fields[index]
        if (known !== undefined) {
          known.minors.unshift(minor)
          after = index
        } else {
          // Gone from newer releases: it keeps its place after the field that it followed.
          after += 1
          merged.fields.splice(after, 0, { ...field, minors: [minor] })
        }
      }
    }
    for (const [name, entry] of Object.entries(dump.enums)) {
      const merged = enums.get(name)
      if (merged === undefined) enums.set(name, entry)
      else for (const [value, text] of Object.entries(entry.names)) merged.names[value] ??= text
    }
  }
  return { messages, enums, oldest: minors.at(-1) ?? 0, newest: minors[0] ?? 0 }
}

/** The runs of releases in a row that have the field, newest first: it may have gone and come back. */
function runs(field: MergedField): [first: number, last: number][] {
  const found: [number, number][] = []
  for (const minor of field.minors.toReversed()) {
    const run = found.at(-1)
    if (run !== undefined && run[0] === minor + 1) run[0] = minor
    else found.push([minor, minor])
  }
  return found
}

function fieldLiteral(
  field: MergedField,
  [first, last]: [number, number],
  oldest: number,
  newest: number,
): string {
  const parts = [`json: '${field.json}'`]
  if (field.proto !== field.json) parts.push(`proto: '${field.proto}'`)
  parts.push(`go: '${field.go}'`, `number: ${field.number}`, `kind: '${field.kind}'`)
  if (field.shape !== undefined) parts.push(`shape: '${field.shape}'`)
  if (field.message !== undefined)
    parts.push(`type: '${field.message.startsWith('k8s.') ? 'opaque' : field.message}'`)
  if (field.enum !== undefined) parts.push(`type: '${field.enum}'`)
  if (field.oneof !== undefined) parts.push(`oneof: '${field.oneof}'`, `wrapper: '${field.wrapper}'`)
  if (field.presence === true && field.kind !== 'message') parts.push('presence: true')
  if (first > oldest) parts.push(`since: ${first}`)
  if (last < newest) parts.push(`until: ${last + 1}`)
  return `{ ${parts.join(', ')} }`
}

const dumps = new Map<number, Dump>()
for (const argument of process.argv.slice(2)) {
  const [, minor, api, istio] = /^1\.(\d+)=([^,]+),(.+)$/.exec(argument) ?? []
  if (minor === undefined || api === undefined || istio === undefined)
    throw new Error(`not MINOR=API,ISTIO: ${argument}`)
  dumps.set(Number(minor), dumpRelease(api, istio))
}
const { messages, enums, oldest, newest } = merge(dumps)
const lines = [
  '/**',
  ` * Generated by scripts/generate-proto-schema.ts from Istio 1.${oldest} to 1.${newest}; do not edit.`,
  ' * Fields in declaration order; `since` and `until` (exclusive) are minors of 1.x.',
  ' */',
  "import type { EnumRow, MessageRow } from './proto-schema-rows.ts'",
  '',
  'export const messageRows: { readonly [name: string]: MessageRow } = {',
]
for (const [name, message] of [...messages].sort(([a], [b]) => (a < b ? -1 : 1))) {
  lines.push(`  '${name}': {`, `    goType: '${message.goType}',`, '    fields: [')
  for (const field of message.fields) {
    for (const run of runs(field)) lines.push(`      ${fieldLiteral(field, run, oldest, newest)},`)
  }
  lines.push('    ],', '  },')
}
lines.push('}', '', 'export const enumRows: { readonly [name: string]: EnumRow } = {')
for (const [name, entry] of [...enums].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const names = Object.entries(entry.names).map(([value, text]) => `[${value}, '${text}']`)
  lines.push(`  '${name}': { goType: '${entry.goType}', names: [${names.join(', ')}] },`)
}
lines.push('}', '')
writeFileSync(join(here, '../src/istio/proto-schema.generated.ts'), lines.join('\n'))
