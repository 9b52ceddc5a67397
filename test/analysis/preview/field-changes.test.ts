/** The differences between two injections of one pod, with their areas; no difference is missed. */
import fc from 'fast-check'
import t from 'tap'
import { findFieldChanges } from '../../../src/analysis/index.ts'
import { equalJson, type JsonObject, type JsonValue } from '../../../src/json/index.ts'
import { pod } from '../../inject/revision-fixture.ts'

const web = { name: 'web', image: 'web:1' }
const withContainers = (
  containers: readonly JsonObject[],
  initContainers?: readonly JsonObject[],
): JsonObject => pod({}, { containers, ...(initContainers && { initContainers }) })
const changes = (before: JsonObject, after: JsonObject) =>
  findFieldChanges(before, after, pod()).map(({ area, path, before: old, after: now }) => [
    area,
    path,
    old,
    now,
  ])

t.test('a sidecar that becomes native is compared as the same container', async (t) => {
  const before = withContainers(
    [web, { name: 'istio-proxy', image: 'proxy:1', env: [{ name: 'A', value: '1' }] }],
    [
      { name: 'own-init', image: 'own' },
      { name: 'istio-init', image: 'proxy:1' },
    ],
  )
  const after = withContainers(
    [web],
    [
      { name: 'own-init', image: 'own' },
      { name: 'istio-init', image: 'proxy:2' },
      { name: 'istio-proxy', image: 'proxy:2', restartPolicy: 'Always', env: [{ name: 'A', value: '1' }] },
    ],
  )
  const there = [
    ['containers', 'spec.initContainers[istio-proxy] (list)', 'containers', 'initContainers'],
    ['image', 'spec.initContainers[istio-init].image', 'proxy:1', 'proxy:2'],
    ['image', 'spec.initContainers[istio-proxy].image', 'proxy:1', 'proxy:2'],
    ['proxy', 'spec.initContainers[istio-proxy].restartPolicy', undefined, 'Always'],
  ]
  t.same(changes(before, after).sort(), there.sort())
  t.same(
    changes(after, before)
      .map(([area, path]) => `${area} ${path}`)
      .sort(),
    [
      'containers spec.containers[istio-proxy] (list)',
      'image spec.containers[istio-proxy].image',
      'image spec.initContainers[istio-init].image',
      'proxy spec.containers[istio-proxy].restartPolicy',
    ],
  )
})

t.test('the last init container that moves leaves no empty list behind', async (t) => {
  const proxy = { name: 'istio-proxy', image: 'proxy:1' }
  t.same(changes(withContainers([web], [proxy]), withContainers([web, proxy])), [
    ['containers', 'spec.containers[istio-proxy] (list)', 'initContainers', 'containers'],
  ])
})

t.test('a changed order of init containers is reported', async (t) => {
  const [a, b] = [
    { name: 'a', image: 'a' },
    { name: 'istio-init', image: 'i' },
  ]
  t.same(changes(withContainers([web], [a, b]), withContainers([web], [b, a])), [
    ['containers', 'spec.initContainers (order)', ['a', 'istio-init'], ['istio-init', 'a']],
  ])
})

t.test('JSON texts and arguments are compared part by part', async (t) => {
  const proxy = (config: string, args: readonly string[]) =>
    withContainers([web, { name: 'istio-proxy', env: [{ name: 'PROXY_CONFIG', value: config }], args }])
  t.same(
    changes(
      proxy('{"concurrency":2,"a":{"b":1}}', ['proxy', '--level=warning', '--x', '1']),
      proxy('{"concurrency":4,"a":{"b":1}}', ['proxy', '--level=info', '--x', '2', '--new']),
    ),
    [
      ['env', 'spec.containers[istio-proxy].env[PROXY_CONFIG].value{concurrency}', 2, 4],
      ['proxy', 'spec.containers[istio-proxy].args[--level]', '--level=warning', '--level=info'],
      ['proxy', 'spec.containers[istio-proxy].args[--x value]', '1', '2'],
      ['proxy', 'spec.containers[istio-proxy].args[--new]', undefined, '--new'],
    ],
  )
  t.same(changes(proxy('{a', ['-a', '-a']), proxy('{b', ['-a'])), [
    ['env', 'spec.containers[istio-proxy].env[PROXY_CONFIG].value', '{a', '{b'],
    ['proxy', 'spec.containers[istio-proxy].args', ['-a', '-a'], ['-a']],
  ])
  t.same(changes(proxy('{}', ['a', 'b']), proxy('{}', ['b', 'a'])), [
    ['proxy', 'spec.containers[istio-proxy].args (order)', ['a', 'b'], ['b', 'a']],
  ])
})

t.test('each change belongs to an area', async (t) => {
  const one = (spec: JsonObject, metadata: JsonObject = {}) => pod(metadata, spec)
  const areas: readonly (readonly [string, JsonObject, JsonObject])[] = [
    ['application', one({}), one({ containers: [{ ...web, readinessProbe: {} }] })],
    ['containers', one({}), one({ containers: [web, { name: 'istio-proxy', image: 'p' }] })],
    ['containers', one({}), one({ initContainers: [] })],
    ['metadata', one({}), one({}, { labels: { a: 'b' } })],
    ['volumes', one({}), one({ volumes: [{ name: 'v' }] })],
    ['security', one({}), one({ securityContext: { fsGroup: 1337 } })],
    ['pod', one({}), one({ dnsConfig: {} })],
    ...(
      [
        ['image', { image: 'p' }],
        ['resources', { resources: { limits: { cpu: 1 } } }],
        ['security', { securityContext: { runAsUser: 1 } }],
        ['env', { env: [{ name: 'A' }] }],
        ['volumes', { volumeMounts: [{ mountPath: '/a' }] }],
        ['proxy', { lifecycle: {} }],
      ] as const
    ).map(
      ([area, fields]) =>
        [
          area,
          withContainers([web, { name: 'istio-proxy' }]),
          withContainers([web, { name: 'istio-proxy', ...fields }]),
        ] as const,
    ),
  ]
  for (const [area, before, after] of areas)
    t.same(
      changes(before, after).map(([found]) => found),
      [area],
    )
})

t.test("an empty struct from Istio's re-encoding is not a difference", async (t) => {
  const resources = (value: JsonObject) => withContainers([{ ...web, resources: value, securityContext: {} }])
  t.same(changes(withContainers([web]), resources({})), [])
  t.same(changes(withContainers([web]), resources({ limits: {} })).length, 1)
})

const container = fc.record({
  name: fc.constantFrom('web', 'istio-proxy', 'istio-init', 'other'),
  image: fc.constantFrom('a', 'b'),
  args: fc.array(fc.constantFrom('-a', '-b=1', '-b=2', 'c'), { maxLength: 3 }),
  env: fc.uniqueArray(
    fc.record({ name: fc.constantFrom('A', 'B'), value: fc.constantFrom('{"a":1}', '{"a":2}', '{') }),
    {
      selector: ({ name }) => name,
    },
  ),
})
const containers = fc.uniqueArray(container, { maxLength: 3, selector: ({ name }) => name })
const anyPod = fc.record({
  metadata: fc.record({
    annotations: fc.dictionary(fc.constantFrom('a/b', '__proto__'), fc.constantFrom('x', '{}')),
  }),
  spec: fc.record({ containers, initContainers: containers }),
})

t.test('changes are reported exactly where two pods differ, at most one per path', async (t) => {
  fc.assert(
    fc.property(anyPod, anyPod, (a, b) => {
      // Generated as JSON.
      const [before, after] = [a as JsonValue as JsonObject, b as JsonValue as JsonObject]
      const found = findFieldChanges(before, after, pod())
      if (new Set(found.map(({ path }) => path)).size !== found.length) return false
      return (found.length === 0) === equalJson(before, after)
    }),
    { numRuns: 1000 },
  )
  t.pass()
})
