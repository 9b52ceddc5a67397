import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  durationNanos,
  durationOf,
  formatDuration,
  formatNanos,
  type IstioVersion,
  parseDuration,
  parseIstioVersion,
  protoSchemaFor,
  protoToJson,
} from '../../src/istio/index.ts'
import { applyJson } from '../../src/istio/proto-decode.ts'
import { enumDescriptor } from '../../src/istio/proto-schema.ts'
import { parseYaml } from '../../src/json/index.ts'

interface Case {
  readonly type: string
  readonly yaml: string
  /** null: Go refuses it. */
  readonly json: string | null
}

/** What golang/protobuf 1.5.4 made of each text with istio.io/api of 1.31. */
const cases: readonly Case[] = readFileSync(new URL('proto-json.cases.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

export function release(text: string): IstioVersion {
  const version = parseIstioVersion(text)
  if (version === undefined) throw new Error(`not a release: ${text}`)
  return version
}

const schema = protoSchemaFor(release('1.31.0'))

t.test('messages are decoded and encoded as in Go', async (t) => {
  for (const { type, yaml, json } of cases.filter((each) => each.type !== 'duration')) {
    const run = () => protoToJson(schema, type, applyJson(schema, type, parseYaml(yaml)))
    if (json === null) t.throws(run, { message: /expected|YAML/ }, `${type}: ${yaml}`)
    else t.equal(run(), json, `${type}: ${yaml}`)
  }
})

t.test('durations are read and printed as in Go', async (t) => {
  for (const { yaml, json } of cases.filter((each) => each.type === 'duration')) {
    const nanos = parseDuration(yaml)
    t.equal(nanos === undefined ? null : `${nanos} ${formatNanos(nanos)}`, json, yaml)
  }
  t.equal(formatDuration(undefined), '0s')
  t.equal(formatDuration(durationOf(90_000_000_001n)), '1m30.000000001s')
  t.equal(durationNanos({ seconds: 1n << 62n }), (1n << 63n) - 1n, 'saturates')
  t.equal(durationNanos({ seconds: -(1n << 62n) }), -(1n << 63n), 'saturates')
})

t.test('a field is unknown to releases before and after those that have it', async (t) => {
  const json = (text: string, version: string) => {
    const old = protoSchemaFor(release(version))
    return protoToJson(old, 'mesh.ProxyConfig', applyJson(old, 'mesh.ProxyConfig', parseYaml(text)))
  }
  t.equal(json('parentShutdownDuration: 5s', '1.16.0'), '{"parentShutdownDuration":"5s"}')
  t.equal(json('parentShutdownDuration: 5s', '1.17.0'), '{}')
  t.equal(
    json('parentShutdownDuration: 5s', '1.9.0'),
    '{"parentShutdownDuration":"5s"}',
    'the oldest known holds',
  )
})

t.test('errors name the path and what was expected', async (t) => {
  const fail = (type: string, yaml: string) => () => applyJson(schema, type, parseYaml(yaml))
  t.throws(fail('mesh.ProxyConfig', 'tracing: {zipkin: {address: 1}}'), {
    path: 'tracing.zipkin.address',
    message: 'tracing.zipkin.address: expected a string, found 1',
  })
  t.throws(fail('mesh.ProxyConfig', 'extraStatTags: [a, {}]'), {
    path: 'extraStatTags[1]',
    message: /found a map/,
  })
  t.throws(fail('mesh.ProxyConfig', `discoveryAddress: [${'x'.repeat(10)}]`), { message: /found a list/ })
  t.throws(fail('mesh.ProxyConfig', 'interceptionMode: TPROXX'), { message: /one of REDIRECT, TPROXY, NONE/ })
  t.throws(fail('mesh.ProxyConfig', `statusPort: ${'x'.repeat(100)}`), { message: /x{60,80}\.\.\./ })
})

t.test('an unknown schema name is a programming error', async (t) => {
  t.throws(() => schema.message('mesh.Nothing'), TypeError)
  t.throws(() => schema.message('constructor'), TypeError)
  t.throws(() => enumDescriptor('mesh.Nothing'), TypeError)
})

t.test('every message and enum that a field names exists', async (t) => {
  const seen = new Set<string>()
  const walk = (name: string): void => {
    if (seen.has(name) || name === 'opaque') return
    seen.add(name)
    for (const field of schema.message(name).fields) {
      if (field.kind === 'message') walk(field.type ?? '')
      if (field.kind === 'enum') t.ok(enumDescriptor(field.type ?? '').byNumber.size > 0)
    }
  }
  for (const root of ['mesh.MeshConfig', 'operator.Values', 'networking-v1beta1.ProxyConfig']) walk(root)
  t.ok(seen.size > 50)
})
