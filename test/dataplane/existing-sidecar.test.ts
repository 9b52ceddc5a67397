import t from 'tap'
import { compareSidecars, discoveryService, readSidecar } from '../../src/dataplane/index.ts'
import { pod } from '../inject/revision-fixture.ts'

const STATUS = 'sidecar.istio.io/status'
const proxy = (config?: string) => ({
  name: 'istio-proxy',
  image: 'proxy:1',
  ...(config === undefined ? {} : { env: [{ name: 'PROXY_CONFIG', value: config }] }),
})

t.test('revision and discovery address are read from annotation and environment', async (t) => {
  const injected = pod(
    { annotations: { [STATUS]: '{"revision":"canary"}' } },
    { containers: [{ name: 'web' }, proxy('{"discoveryAddress":"istiod-canary.istio-system.svc:15012"}')] },
  )
  t.same(readSidecar(injected), {
    form: 'container',
    revision: 'canary',
    discoveryAddress: 'istiod-canary.istio-system.svc:15012',
    discoveryFrom: 'PROXY_CONFIG',
    image: 'proxy:1',
  })
})

t.test('fields missing in PROXY_CONFIG have the built-in default', async (t) => {
  for (const config of [undefined, '{}', 'no JSON', '[]']) {
    const found = readSidecar(
      pod({ annotations: { [STATUS]: 'no JSON' } }, { initContainers: [proxy(config)] }),
    )
    t.same(found, {
      form: 'native sidecar',
      revision: undefined,
      discoveryAddress: 'istiod.istio-system.svc:15012',
      discoveryFrom: 'built-in default',
      image: 'proxy:1',
    })
  }
  t.equal(readSidecar(pod()), undefined)
})

t.test('the Service is read from the discovery address', async (t) => {
  const service = { name: 'istiod-canary', namespace: 'mesh' }
  for (const end of ['', ':15012', '.svc', '.svc:15012', '.svc.cluster.local:15012'])
    t.same(discoveryService(`istiod-canary.mesh${end}`), service, end)
  for (const address of ['istiod:15012', 'istiod.example.com:15012', '10.0.0.1:15012', ''])
    t.equal(discoveryService(address), undefined, address)
})

t.test('the changes that a restart would make are listed', async (t) => {
  const now = readSidecar(
    pod({ annotations: { [STATUS]: '{"revision":"default"}' } }, { containers: [proxy()] }),
  )
  if (now === undefined) throw new Error('it has one')
  t.same(compareSidecars(now, now), [])
  t.same(compareSidecars(undefined, undefined), [])
  t.same(compareSidecars(now, undefined), [{ what: 'sidecar', now: 'default', next: undefined }])
  t.same(compareSidecars(undefined, { ...now, revision: undefined }), [
    { what: 'sidecar', now: undefined, next: 'of unknown revision' },
  ])
  t.same(compareSidecars(now, { ...now, revision: 'canary', image: 'proxy:2' }), [
    { what: 'revision', now: 'default', next: 'canary' },
    { what: 'proxy image', now: 'proxy:1', next: 'proxy:2' },
  ])
})
