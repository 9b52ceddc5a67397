/** The digest of a configuration: what changes it, what does not, and that others can compute it. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { inject } from '../../src/inject/index.ts'
import { pod, requestFor, revision, snapshotOf } from '../inject/revision-fixture.ts'

t.test('the digest is computed from the texts of the ConfigMaps, as documented', async (t) => {
  const { digest, inputs } = revision({ values: { global: { hub: 'ä' } } })
  const { config = '', values = '' } = inputs.injectorConfigMap
  const texts = `${config}\0${values}\0${inputs.meshConfigMap.mesh ?? ''}`
  t.equal(digest, createHash('sha256').update(texts).digest('hex').slice(0, 16))
})

t.test('the digest depends on each text and on nothing else', async (t) => {
  const first = revision({ values: { global: { hub: 'a' } }, mesh: 'trustDomain: a' })
  const same = revision({
    name: 'other',
    values: { global: { hub: 'a' } },
    mesh: 'trustDomain: a',
    env: { A: '1' },
  })
  t.equal(same.digest, first.digest)
  const others = [
    revision({ values: { global: { hub: 'b' } }, mesh: 'trustDomain: a' }),
    revision({ values: { global: { hub: 'a' } }, mesh: 'trustDomain: b' }),
    revision({
      values: { global: { hub: 'a' } },
      mesh: 'trustDomain: a',
      templates: { sidecar: 'spec: {}' },
    }),
  ]
  t.equal(new Set([first, ...others].map(({ digest }) => digest)).size, 4)
})

t.test('an outcome names the digest of its configuration', async (t) => {
  const config = revision()
  const { decided } = inject(requestFor(pod()), snapshotOf(config))
  t.match(decided, { revision: config.name, configuration: config.digest })
})
