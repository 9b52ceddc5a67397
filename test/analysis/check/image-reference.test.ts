/** Image references that `remora check` accepts and refuses. */
import t from 'tap'
import { isImageReference } from '../../../src/analysis/findings/trial-pod.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

t.test('image references are validated', async (t) => {
  for (const image of [
    'proxyv2',
    'istio/proxyv2:1.30.3-distroless',
    'registry:5000/istio/proxyv2:1.30.3',
    'Registry.example.com/a/b__c/d-e.f',
    `proxyv2@${DIGEST}`,
    `a/b:1@${DIGEST}`,
  ])
    t.equal(isImageReference(image), true, image)
  for (const image of [
    '',
    ':1',
    'a/',
    '/a',
    'a//b',
    'A',
    'a/B',
    'a:b:c',
    'a:',
    'a@',
    `a@${DIGEST}@${DIGEST}`,
    'a b',
    'a..b',
    'a/b:5000/c',
    'a:-1',
  ])
    t.equal(isImageReference(image), false, image)
})

t.test('an image of one megabyte is validated in linear time', async (t) => {
  for (const unit of ['a', 'a-', '-', '/', 'a/', ':', 'a.', '_', '@'])
    t.equal(isImageReference(`${unit.repeat(1_000_000 / unit.length)}!`), false, unit)
})
