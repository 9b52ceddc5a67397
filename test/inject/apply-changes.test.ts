/** Changes of the typed pod are transferred to the pod as it was sent. */
import fc from 'fast-check'
import t from 'tap'
import { applyChanges } from '../../src/inject/apply-changes.ts'
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { decodePod } from '../../src/kube/index.ts'
import { randomTyped } from '../kube/random-pods.ts'

function changed(raw: JsonObject, change: (typed: JsonObject) => JsonObject): JsonObject {
  const typed = decodePod(raw)
  return applyChanges(raw, typed, change(typed))
}

const raw: JsonObject = {
  future: { a: 1 },
  metadata: { name: 'web', annotations: { a: '1' }, unknown: 12345678901234567000 },
  spec: {
    newField: true,
    hostNetwork: false,
    containers: [{ name: 'web', tty: false, env: [{ name: 'E', value: '' }], brandNew: 1 }],
  },
}

t.test('without changes the result is the request’s own object', async (t) => {
  t.equal(
    changed(raw, (typed) => typed),
    raw,
  )
  t.equal(
    changed(raw, (typed) => structuredClone(typed) as JsonObject),
    raw,
  )
})

t.test('unknown fields and explicit zeros survive beside a change', async (t) => {
  const pod = changed(raw, (typed) => ({
    ...typed,
    metadata: { ...(typed['metadata'] as JsonObject), annotations: { a: '2' } },
  }))
  t.same(pod, { ...raw, metadata: { name: 'web', annotations: { a: '2' }, unknown: 12345678901234567000 } })
  t.equal(pod['spec'], raw['spec'])
})

t.test('lists are changed index by index', async (t) => {
  const pod = changed(raw, (typed) => {
    const spec = typed['spec'] as JsonObject
    const [web] = spec['containers'] as JsonObject[]
    return { ...typed, spec: { ...spec, containers: [{ ...web, image: 'i' }, { name: 'proxy' }] } }
  })
  t.same((pod['spec'] as JsonObject)['containers'], [
    { name: 'web', tty: false, env: [{ name: 'E', value: '' }], brandNew: 1, image: 'i' },
    { name: 'proxy' },
  ])
  const shorter = changed({ spec: { containers: [{ name: 'a' }, { name: 'b' }] } }, (typed) => ({
    ...typed,
    spec: { containers: [{ name: 'a', resources: {} }] },
  }))
  t.same(shorter, { spec: { containers: [{ name: 'a' }] } })
})

t.test('fields that only the typed form has are not added', async (t) => {
  const pod = changed({ metadata: {}, spec: { containers: [{ name: 'a' }] } }, (typed) => ({
    ...typed,
    metadata: { name: 'n' },
  }))
  t.same(pod, { metadata: { name: 'n' }, spec: { containers: [{ name: 'a' }] } })
})

t.test('an added part is copied whole, a removed part is deleted', async (t) => {
  t.same(
    changed({}, (typed) => ({ ...typed, spec: { containers: [{ name: 'a' }] } })),
    { spec: { containers: [{ name: 'a' }] } },
  )
  t.same(
    changed({ metadata: { labels: { a: '1', b: '2' } } }, (typed) => ({
      ...typed,
      metadata: { labels: { b: '2' } },
    })),
    { metadata: { labels: { b: '2' } } },
  )
  t.same(
    changed({ metadata: { labels: null } }, (typed) => ({ ...typed, metadata: { labels: { b: '2' } } })),
    { metadata: { labels: { b: '2' } } },
  )
})

t.test('a key in a different case is treated as the field that Go decodes it into', async (t) => {
  const odd = { Metadata: { Labels: { A: '1' } }, Spec: { containers: [] } }
  const pod = changed(odd, (typed) => ({ ...typed, metadata: { labels: { A: '1', b: '2' } } }))
  t.same(pod, { Spec: { containers: [] }, metadata: { labels: { A: '1', b: '2' } } })
})

t.test('prototype names are ordinary keys', async (t) => {
  const odd: JsonObject = JSON.parse('{"metadata":{"labels":{"__proto__":"1","constructor":"2"}}}')
  const pod = changed(odd, (typed) => ({
    ...typed,
    metadata: { ...(typed['metadata'] as JsonObject), name: 'n' },
  }))
  t.equal(JSON.stringify(pod), '{"metadata":{"labels":{"__proto__":"1","constructor":"2"},"name":"n"}}')
})

t.test('for an ordinary pod the result is the wanted typed form', async () => {
  const containers = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), image: fc.constantFrom('x', 'y') }),
    { selector: ({ name }) => name },
  )
  const pods = fc.record({
    labels: fc.dictionary(fc.constantFrom('p', 'q', 'constructor'), fc.constantFrom('1', '2'), {
      noNullPrototype: true,
    }),
    containers,
  })
  const build = ({ labels, containers }: { labels: JsonObject; containers: JsonObject[] }) =>
    decodePod({ metadata: { labels }, spec: { containers } })
  fc.assert(
    fc.property(pods, pods, (a, b) => {
      const before = build(a)
      const after = build(b)
      return equalJson(decodePod(applyChanges(before, before, after)), after)
    }),
    { numRuns: 200 },
  )
})

/** By deep equality at every level, in as many steps as the rules have. */
function changePlainly(raw: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
  if (equalJson(before, after)) return raw
  const changed = new Map<string, JsonValue>()
  const strange = new Map<string, string>()
  for (const [key, value] of Object.entries(raw)) {
    const known = own(before, key) !== undefined
    if (!known) strange.set(key.toLowerCase(), key)
    if (!known || own(after, key) !== undefined) changed.set(key, value)
  }
  for (const [key, value] of Object.entries(after)) {
    const was = own(before, key)
    const sent = Object.hasOwn(raw, key) ? key : strange.get(key.toLowerCase())
    const as = sent === undefined ? undefined : own(raw, sent)
    const result = was === undefined ? value : changeValue(as, was, value)
    if (sent !== undefined && sent !== key) {
      if (result === as) continue
      changed.delete(sent)
    }
    if (result !== undefined) changed.set(key, result)
  }
  return Object.fromEntries(changed)
}

function changeValue(raw: JsonValue | undefined, before: JsonValue, after: JsonValue): JsonValue | undefined {
  if (equalJson(before, after)) return raw
  if (isObject(raw) && isObject(before) && isObject(after)) return changePlainly(raw, before, after)
  if (!Array.isArray(raw) || !Array.isArray(before) || !Array.isArray(after)) return after
  if (raw.length !== before.length) return after
  return after.map((item, i) => (i < before.length ? (changeValue(raw[i], before[i], item) ?? item) : item))
}

t.test('the result is the same as comparing everything', async (t) => {
  const odd = randomTyped('Pod', { keys: ['a', 'b'], odd: true })
  fc.assert(
    fc.property(odd, odd, fc.boolean(), (raw, other, whole) => {
      const before = decodePod(raw)
      // Either another pod, or one that differs in metadata only and is a copy of the rest.
      const after = whole
        ? decodePod(other)
        : { ...(structuredClone(before) as JsonObject), ...pick(decodePod(other), 'metadata') }
      const changed = applyChanges(raw, before, after)
      return JSON.stringify(changed) === JSON.stringify(changePlainly(raw, before, after))
    }),
    { numRuns: 250, seed: 31 },
  )
  t.pass()
})

t.test('the result is also the same for maps with many keys, which are replaced as a whole', async (t) => {
  const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key-${1000 + i}`, `${i}`]))
  const { 'key-1500': _, ...fewer } = labels
  const maps = [labels, { ...labels }, { ...labels, a: 'b', z: '' }, { ...fewer, 'key-1700': 'other' }, {}]
  for (const raw of [{ metadata: { labels } }, { metadata: { labels, unknown: 1 } }]) {
    const before = decodePod(raw)
    for (const map of maps) {
      const after = { ...before, metadata: { labels: map } }
      t.ok(equalJson(applyChanges(raw, before, after), changePlainly(raw, before, after)))
    }
  }
  const unknown = { metadata: { labels: { ...labels, a: null } } }
  const typed = decodePod(unknown)
  const after = { ...typed, metadata: { labels: { ...labels, b: 'c' } } }
  t.ok(equalJson(applyChanges(unknown, typed, after), changePlainly(unknown, typed, after)))
})

function pick(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return value === undefined ? {} : { [key]: value }
}
