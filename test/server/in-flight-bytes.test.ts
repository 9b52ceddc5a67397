import t from 'tap'
import { type Claim, InFlightBytes } from '../../src/server/in-flight-bytes.ts'

const MAX = 1000

function setUp() {
  const bytes = new InFlightBytes({ maxBytes: MAX, maxBodyBytes: 100 })
  const given: string[] = []
  const claim = (source: string, namespace: string): Claim => {
    const made: Claim = bytes.claim(source, () => {
      given.push(`${source} ${namespace}`)
      made.end()
    })
    made.name(namespace)
    return made
  }
  return { bytes, given, claim }
}

t.test('a namespace never holds more than a quarter of all bytes', async (t) => {
  const { bytes, given, claim } = setUp()
  let taken = 0
  for (let i = 0; i < 50; i++) if (claim('api', 'flood').take(100)) taken++
  t.equal(taken, 2)
  t.ok(bytes.used <= MAX / 4)
  t.ok(claim('api', 'shop').take(100), 'others are served beside it')
  t.same(given, [])
})

t.test('when all bytes are in use, the largest holder gives up bytes, never a small request', async (t) => {
  const { bytes, given, claim } = setUp()
  for (const namespace of ['a', 'b', 'c', 'd'])
    for (let i = 0; i < 2; i++) t.ok(claim('api', namespace).take(100))
  const large = claim('api', 'e')
  t.ok(large.take(200))
  t.equal(bytes.used, MAX)
  t.ok(claim('api', 'small').take(10))
  t.equal(given.length, 1)
  t.ok(bytes.used <= MAX)
  // A request that would make its namespace one of the largest holders is refused.
  const { length } = given
  t.notOk(claim('api', 'f').take(240))
  t.equal(given.length, length)
})

t.test(
  'an address that writes many namespaces takes nothing from another address that holds less',
  async (t) => {
    const { given, claim } = setUp()
    for (let i = 0; i < 10; i++) t.ok(claim('attacker', `made-up-${i}`).take(100))
    t.ok(claim('api', 'shop').take(100))
    t.ok(claim('api', 'shop').take(100))
    t.match(given, [/^attacker/, /^attacker/])
    t.notOk(claim('attacker', 'payments').take(100))
  },
)

t.test(
  'if many addresses hold little each, the API server gives up bytes of its largest namespace',
  async (t) => {
    const { given, claim } = setUp()
    t.ok(claim('api', 'flood').take(200))
    for (let i = 0; i < 40; i++) t.ok(claim(`10.0.0.${i}`, 'x').take(20))
    t.ok(claim('api', 'shop').take(10))
    t.same(given, ['api flood'])
  },
)

t.test('complete bodies are not dropped, and all bytes are released', async (t) => {
  const { bytes, given, claim } = setUp()
  const claims = Array.from({ length: 10 }, (_, i) => claim('api', `ns-${i}`))
  for (const one of claims) {
    t.ok(one.take(100))
    one.settle()
  }
  t.notOk(claim('other', 'shop').take(10))
  t.same(given, [])
  for (const one of claims) one.end()
  for (const one of claims) one.end()
  t.equal(bytes.used, 0)
})

t.test('the largest body that is allowed always fits into a namespace', async (t) => {
  const bytes = new InFlightBytes({ maxBytes: 110, maxBodyBytes: 100 })
  const claim = bytes.claim('api', () => {})
  claim.name('shop')
  t.ok(claim.take(105))
})
