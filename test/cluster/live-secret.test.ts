import t, { type Test } from 'tap'
import { createSelfSource } from '../../src/certs/index.ts'
import { LiveSecret } from '../../src/cluster/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { FakeApi } from './live/fake-api.ts'

const SECRETS = '/api/v1/secrets'
const PATH = '/api/v1/namespaces/ns/secrets/ca'
const signal = new AbortController().signal

async function setUp(t: Test, data?: JsonObject) {
  const api = await FakeApi.start([SECRETS])
  const secret = {
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: 'ca', namespace: 'ns', labels: { a: 'b' } },
  }
  const put = (content: JsonObject | undefined): void =>
    api.put(SECRETS, { ...secret, ...(content === undefined ? {} : { data: content }) })
  put(data)
  t.teardown(async () => {
    api.close()
    await api.kill()
  })
  const store = (): LiveSecret =>
    new LiveSecret({ namespace: 'ns', name: 'ca', endpoints: api, timeoutMs: 400 })
  return { api, put, store }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

t.test('only this one Secret is read and updated, and the rest of it stays', async (t) => {
  const { api, store } = await setUp(t, { mine: base64('x') })
  const secret = store()
  await secret.open()
  const { texts, version } = await secret.read(signal)
  t.same([...texts], [['mine', 'x']])
  t.equal(await secret.write(new Map([['ca.crt', 'PEM']]), version, signal), 'written')
  t.same(
    [...(await secret.read(signal)).texts],
    [
      ['mine', 'x'],
      ['ca.crt', 'PEM'],
    ],
  )
  const sent = api.requests.find(({ method }) => method === 'PUT')
  t.match(JSON.parse(sent?.body ?? ''), { type: 'Opaque', metadata: { labels: { a: 'b' } } })
  t.equal(sent?.query.get('fieldManager'), 'remora-tls')
  t.same([...new Set(api.requests.map(({ path }) => path))], [PATH])
  secret.close()
})

t.test('writing an outdated or deleted Secret is a conflict', async (t) => {
  const { api, put, store } = await setUp(t)
  const secret = store()
  const { version } = await secret.read(signal)
  put({})
  t.equal(await secret.write(new Map(), version, signal), 'conflict')
  t.equal(await secret.write(new Map(), 'another', signal), 'conflict')
  const fresh = await secret.read(signal)
  api.remove(SECRETS, 'ca', 'ns')
  t.equal(await secret.write(new Map(), fresh.version, signal), 'conflict')
  await t.rejects(secret.read(signal), { code: 'tls-secret-missing', message: /kubectl create secret/ })
})

t.test('a refusal by the API server is an error that names the object', async (t) => {
  const { api, store } = await setUp(t)
  const secret = store()
  const { version } = await secret.read(signal)
  const refusal = { status: 403, reason: 'Forbidden', message: 'secrets "ca" is forbidden' }
  api.fail(refusal, ({ method }) => method === 'PUT')
  await t.rejects(secret.write(new Map(), version, signal), {
    code: 'cluster-api-refused',
    message: /forbidden/,
  })
  api.fail(refusal, ({ method }) => method === 'GET')
  await t.rejects(secret.read(signal), { code: 'cluster-api-refused' })
})

t.test('two replicas over one Secret use one CA', async (t) => {
  const { store } = await setUp(t)
  const service = { namespace: 'ns', name: 'remora' }
  const sources = [store(), store()].map((one) =>
    createSelfSource({ store: one, service, lifeMs: 3_600_000 }),
  )
  t.teardown(() => Promise.all(sources.map((source) => source.close())))
  await Promise.all(sources.map((source) => source.start(signal)))
  const [one, two] = sources.map((source) => source.bundle())
  t.equal(one?.length, 1)
  t.same(one, two)
})
