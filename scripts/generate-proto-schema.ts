/**
 * Writes src/istio/proto-schema.json: the protobuf messages of Istio that the injector reads, with the
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
import type { EnumRow, FieldRow, MessageRow } from '../src/istio/proto-schema-rows.ts'

interface Field {
  json: string
  proto: string
  go: string
  number: number
  kind: string
  container?: 'list' | 'map'
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
  /** The minors that have it, ascending. */
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
    field.container,
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
          // Removed in newer releases: it keeps its place after the field that it followed.
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

/** The ranges of consecutive releases that have the field, newest first: it may have been removed and added again. */
function runs(field: MergedField): [first: number, last: number][] {
  const found: [number, number][] = []
  for (const minor of field.minors.toReversed()) {
    const run = found.at(-1)
    if (run !== undefined && run[0] === minor + 1) run[0] = minor
    else found.push([minor, minor])
  }
  return found
}

function fieldRow(
  field: MergedField,
  [first, last]: [number, number],
  { oldest, newest }: { readonly oldest: number; readonly newest: number },
): FieldRow {
  const { json, proto, go, number, container, message, oneof, wrapper } = field
  const type = message === undefined ? field.enum : message.startsWith('k8s.') ? 'opaque' : message
  return {
    json,
    ...(proto !== json && { proto }),
    go,
    number,
    kind: field.kind as FieldRow['kind'], // the Go program writes only these
    ...(container !== undefined && { container }),
    ...(type !== undefined && { type }),
    ...(oneof !== undefined && { oneof }),
    ...(oneof !== undefined && wrapper !== undefined && { wrapper }),
    ...(field.presence === true && field.kind !== 'message' && { presence: true }),
    ...(first > oldest && { since: first }),
    ...(last < newest && { until: last + 1 }),
  }
}

/** One entry per line, sorted by name. */
function table(entries: Iterable<readonly [name: string, row: MessageRow | EnumRow]>): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([name, row]) => `    ${JSON.stringify(name)}: ${JSON.stringify(row)}`).join(',\n')
}

const dumps = new Map<number, Dump>()
for (const argument of process.argv.slice(2)) {
  const [, minor, api, istio] = /^1\.(\d+)=([^,]+),(.+)$/.exec(argument) ?? []
  if (minor === undefined || api === undefined || istio === undefined)
    throw new Error(`not MINOR=API,ISTIO: ${argument}`)
  dumps.set(Number(minor), dumpRelease(api, istio))
}
const { messages, enums, ...releases } = merge(dumps)
const messageRows = [...messages].map(([name, { goType, fields }]) => {
  const rows = fields.flatMap((field) => runs(field).map((run) => fieldRow(field, run, releases)))
  return [name, { goType, fields: rows }] as const
})
const enumRows = [...enums].map(([name, { goType, names }]) => {
  const rows = Object.entries(names).map(([value, text]) => [Number(value), text] as const)
  return [name, { goType, names: rows }] as const
})
const text = `{\n  "messages": {\n${table(messageRows)}\n  },\n  "enums": {\n${table(enumRows)}\n  }\n}\n`
writeFileSync(join(here, '../src/istio/proto-schema.json'), text)
