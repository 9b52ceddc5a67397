/** Keys of different parts differ, whatever characters the parts contain. */
import fc from 'fast-check'
import t from 'tap'
import { encodeKey, fingerprint, type KeyPart, SeenBefore } from '../../src/cache/index.ts'

const NASTY = ['', '\n', ':', '1:', '1:a', 'n1;', 't', 'u', '2:a\n', 'Pod\nv1', 'Pod', 'v1', '\u0000']
const part: fc.Arbitrary<KeyPart> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ maxLength: 4 }),
  fc.integer({ min: -3, max: 30 }),
  fc.boolean(),
  fc.constant(undefined),
)

t.test('different parts give different keys', async (t) => {
  const parts = fc.array(part, { maxLength: 5 })
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const same = one.length === other.length && one.every((value, i) => Object.is(value, other[i]))
      return same === (encodeKey(one) === encodeKey(other))
    }),
    { numRuns: 20_000 },
  )
  t.not(encodeKey(['Foo\nv1', 'x']), encodeKey(['Foo', 'v1\nx']))
  t.not(encodeKey(['1:a', '']), encodeKey(['', '1:a']))
  t.not(encodeKey([1, '1']), encodeKey(['1', 1]))
})

t.test(
  'a tenant that keeps sending new values does not displace the fingerprints of other tenants',
  async (t) => {
    const seen = new SeenBefore({ tables: 64, slots: 1_024 })
    t.equal(seen.note('quiet', fingerprint('web')), false)
    for (let i = 0; i < 100_000; i++) seen.note('flood', fingerprint(`flood-${i}`))
    t.equal(seen.note('quiet', fingerprint('web')), true)
    t.equal(seen.note('flood', fingerprint('flood-1')), false, 'its own are forgotten')
  },
)

t.test('a thousand alternating values are all recognised', async (t) => {
  const seen = new SeenBefore({ tables: 4, slots: 4_096 })
  for (let i = 0; i < 1_000; i++) seen.note('shop', fingerprint(`workload-${i}`))
  const found = Array.from({ length: 1_000 }, (_, i) => seen.note('shop', fingerprint(`workload-${i}`)))
  t.ok(found.filter(Boolean).length > 980)
  t.equal(seen.note('shop', 0), false)
  t.equal(seen.note('shop', 0), true)
})
