/**
 * Remora's own profile injects every pod that an API server could store: annotations of 256 KiB in total, and 1.5
 * MiB with the injection, which is 29,000 ports. Its work is linear in the number of items, so that such a pod stays
 * within the budget of template steps.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { inject } from '../../src/inject/index.ts'
import { isObject, type JsonObject, own } from '../../src/json/index.ts'
import { compileSeeds, readSeeds } from '../fuzz/seeds.ts'
import { requestFor } from '../inject/revision-fixture.ts'

const root = join(import.meta.dirname, '../..')
const canary = compileSeeds(readSeeds()).configs.find(({ name }) => name === 'example canary')

interface Variable {
  readonly name: string
  readonly value?: string
}

/** What the proxy gets; fails where the pod is not injected. */
function proxyOf(pod: JsonObject): { readonly env: readonly Variable[] } {
  if (canary === undefined) throw new Error('no example')
  const outcome = inject(
    requestFor(
      { apiVersion: 'v1', kind: 'Pod', ...pod },
      { target: { by: 'revision', name: canary.inputs.name }, seed: 0 },
    ),
    canary.snapshot,
  )
  if (outcome.kind !== 'patched') throw new Error(JSON.stringify(outcome))
  const { spec } = outcome.pod
  const lists = isObject(spec) ? [own(spec, 'containers'), own(spec, 'initContainers')] : []
  const proxy = lists.flat().find((container) => isObject(container) && container['name'] === 'istio-proxy')
  return JSON.parse(JSON.stringify(proxy))
}

const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))
const app = { name: 'app', image: 'app:1' }
const gateway = { annotations: { 'inject.istio.io/templates': 'gateway' } }

t.test('a pod with 9,000 variables in its own istio-proxy is injected', async (t) => {
  const env = many(9_000, (i) => ({ name: `V${i}`, value: 'v' }))
  const mine = { name: 'istio-proxy', image: 'auto', env: [...env, { name: 'CA_ADDR', value: 'mine:1' }] }
  for (const pod of [
    { metadata: { name: 'p' }, spec: { containers: [app, mine] } },
    { metadata: { name: 'p', ...gateway }, spec: { containers: [mine] } },
  ]) {
    const got = proxyOf(pod).env
    t.equal(new Set(got.map(({ name }) => name)).size, got.length, 'each once')
    t.match(
      got.filter(({ name }) => name === 'CA_ADDR'),
      [{ value: 'mine:1' }],
    )
    t.equal(got.filter(({ name }) => /^V\d/.test(name)).length, 9_000)
  }
})

t.test('a pod with 29,000 ports is injected', async (t) => {
  const ports = many(29_000, (i) => ({ containerPort: i + 1, protocol: 'TCP' }))
  const half = [ports.slice(0, 14_500), ports.slice(14_500)]
  const containers = half.map((ports, i) => ({ name: `app-${i}`, image: 'app:1', ports }))
  const { env } = proxyOf({ metadata: { name: 'p' }, spec: { containers } })
  const text = env.find(({ name }) => name === 'ISTIO_META_POD_PORTS')?.value ?? ''
  t.same(JSON.parse(text), ports)
})

t.test('a pod with 10,000 entries of proxyMetadata is injected', async (t) => {
  const proxyMetadata = Object.fromEntries(many(10_000, (i) => [`M${i}`, 'v']))
  const annotations = { 'proxy.istio.io/config': JSON.stringify({ proxyMetadata }) }
  const { env } = proxyOf({ metadata: { name: 'p', annotations }, spec: { containers: [app] } })
  t.equal(env.filter(({ name }) => /^M\d/.test(name)).length, 10_000)
})

t.test('a variable of the pod replaces every other variable of that name', async (t) => {
  const proxyMetadata = { BOTH: 'metadata', TRUST_DOMAIN: 'metadata', THEIRS: 'metadata' }
  const annotations = { 'proxy.istio.io/config': JSON.stringify({ proxyMetadata }) }
  const env = ['BOTH', 'POD_NAME', 'MINE'].map((name) => ({ name, value: 'pod' }))
  const mine = { name: 'istio-proxy', image: 'auto', env }
  const got = proxyOf({ metadata: { name: 'p', annotations }, spec: { containers: [app, mine] } }).env
  const valuesOf = (wanted: string) => got.filter(({ name }) => name === wanted).map(({ value }) => value)
  for (const name of ['BOTH', 'POD_NAME', 'MINE']) t.same(valuesOf(name), ['pod'], name)
  for (const name of ['TRUST_DOMAIN', 'THEIRS']) t.same(valuesOf(name), ['metadata'], name)
})

t.test('the templates check for every variable that they set', async (t) => {
  const text = readFileSync(join(root, 'charts/remora/files/profile/config.yaml'), 'utf8')
  const templates = text.split(/^ {2}(?=sidecar: |gateway: )/m).slice(1)
  t.equal(templates.length, 2)
  for (const template of templates) {
    const asked = /\$asked := strdict\s([^-]*)-}}/.exec(template)?.[1] ?? ''
    const looked = [...asked.matchAll(/"(\w+)"/g)].map(([, name]) => name)
    const used = [
      ...[...template.matchAll(/isset \$taken "(\w+)"/g)].map(([, name]) => name),
      ...[...template.matchAll(/\(list "(\w+)" "/g)].map(([, name]) => name),
    ]
    t.ok(used.length > 20)
    t.same(new Set(looked), new Set(used))
  }
})
