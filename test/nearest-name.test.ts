import t from 'tap'
import { didYouMean, nearestName } from '../src/nearest-name.ts'

t.test('a misspelt name leads to the intended name', async (t) => {
  const names = ['port', 'metrics-port', 'discoveryAddress', 'tracing', 'cni']
  t.equal(nearestName('prot', names), 'port', 'two letters swapped')
  t.equal(nearestName('metric-port', names), 'metrics-port', 'one lost')
  t.equal(nearestName('discoveryAdress', names), 'discoveryAddress')
  t.equal(nearestName('discoverAdress', names), 'discoveryAddress', 'two lost')
  t.equal(nearestName('tracin', names), 'tracing')
  t.equal(nearestName('traccccing', names), undefined, 'three added')
  t.equal(nearestName('cna', names), 'cni')
  t.equal(nearestName('pot', names), 'port')
  t.equal(nearestName('xort', ['part']), undefined, 'in a short name one letter at most')
  t.equal(nearestName('port', ['port']), undefined, 'itself is no mistake')
  t.equal(nearestName('constructor', names), undefined)
  t.equal(
    nearestName('x'.repeat(100_000), ['x'.repeat(99_999)]),
    undefined,
    'longer texts are not misspelt names',
  )
})

t.test('the end of a message suggests the nearest name, or nothing', async (t) => {
  t.equal(didYouMean('canray', ['canary', 'default']), '; did you mean canary?')
  t.equal(didYouMean('1-29-2', ['canary', 'default']), '')
})
