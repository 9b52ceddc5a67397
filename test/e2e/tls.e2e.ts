/**
 * The serving certificate and the caBundles with a real API server, which calls the webhook through its Service:
 * `node test/e2e/tls.e2e.ts`. Two servers run with a ServiceAccount that has the permissions of the chart.
 */
import { X509Certificate } from 'node:crypto'
import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AUTHORITY_KEYS, bundleHolds } from '../../src/certs/index.ts'
import { makeAuthority } from '../../src/certs/make-authority.ts'
import { waitFor } from './harness/process.ts'
import { both, emptySecret, LATER, registration, SERVICE, webhook } from './harness/tls/objects.ts'
import { questions, type Registration } from './harness/tls/questions.ts'
import { ask, ready, readyz } from './harness/tls/replica.ts'
import { prepareStage } from './harness/tls/stage.ts'

const LIMIT = { timeout: 120_000 }

t.setTimeout(5 * 60_000)
const { plane, replicas, figures, start, forwardTo } = await prepareStage()
const { kubectl } = plane
const {
  getRegistration,
  bundles,
  sharedCa,
  filled,
  patch,
  removeBundles,
  patchSecret,
  createPod,
  serverSide,
} = questions(plane)
async function timed<T>(what: string, run: () => Promise<T> | T): Promise<T> {
  const began = performance.now()
  const result = await run()
  figures.push(`${((performance.now() - began) / 1000).toFixed(2).padStart(6)} s  ${what}`)
  return result
}

const forwarder = await forwardTo(SERVICE, [])

t.test('while a Secret is missing, the server is unready and reports the reason', LIMIT, async (t) => {
  const one = await start('one')
  const two = await start('two')
  const reason = await waitFor('the reason', async () => {
    const { ok, body } = await readyz(one)
    t.notOk(ok)
    return body.certificate.problem?.includes('does not exist') ? body.certificate.problem : undefined
  })
  t.match(reason, /Secret remora-system\/remora-ca/)
  t.equal(serverSide('installer', emptySecret, both).status, 0)
  await timed('two replicas agree on a CA and are ready', () => Promise.all([ready(one), ready(two)]))
  forwarder.use([one.port, two.port])
})

t.test(
  'both replicas use one CA, the caBundles contain it, and pods are injected through the Service',
  LIMIT,
  async (t) => {
    const ca = sharedCa()
    t.ok(new X509Certificate(ca).ca)
    await timed('caBundles filled', () => waitFor('caBundles', () => filled(ca) || undefined))
    const serials = new Set<string>()
    for (const { port } of replicas) {
      const { status, serial } = await ask(port, ca, new Agent())
      t.equal(status, 200)
      serials.add(serial)
    }
    t.equal(serials.size, 2, 'each replica has a certificate of its own')
    for (let i = 0; i < 4; i++) {
      t.match(await createPod(), { admitted: true, injected: true })
      forwarder.cut()
    }
    const made = replicas.filter(({ process }) => process.output().includes('shared CA made'))
    t.equal(made.length, 1, 'one of them made it')
  },
)

t.test(
  'another field manager that applies the same render finds no conflict and no difference',
  LIMIT,
  async (t) => {
    for (const manager of ['installer', 'gitops']) {
      const applied = serverSide(manager, emptySecret, both)
      t.match(applied, { status: 0, stderr: '' }, manager)
    }
    const diff = kubectl.tryWith(
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [emptySecret, both] }),
      ...['diff', '--server-side', '--field-manager=gitops', '-f', '-'],
    )
    t.match(diff, { status: 0, stdout: '' })
    t.ok(filled(sharedCa()))
    t.ok(getRegistration().metadata.managedFields.some(({ manager }) => manager === 'remora-ca-bundle'))
  },
)

t.test('emptied or replaced caBundles are restored, and pods are admitted', LIMIT, async (t) => {
  const ca = sharedCa()
  removeBundles()
  await timed('wiped caBundles healed', () => waitFor('caBundles', () => filled(ca) || undefined))
  forwarder.cut()
  t.match(
    await waitFor(
      'a pod',
      async () => {
        const pod = await createPod()
        return pod.admitted ? pod : undefined
      },
      10_000,
    ),
    {
      injected: true,
    },
  )
  const stranger = makeAuthority(Date.now()).get(AUTHORITY_KEYS.certificate) ?? ''
  const caBundle = Buffer.from(stranger).toString('base64')
  patch(
    [0, 1].map((index) => ({ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle })),
    'json',
  )
  await timed('replaced caBundles healed', () => waitFor('caBundles', () => filled(ca) || undefined))
  forwarder.cut()
  t.match(await createPod(), { admitted: true, injected: true })
})

t.test(
  'a configuration that is created later is filled, and one that calls another Service is not changed',
  LIMIT,
  async (t) => {
    const foreign = { ...webhook('foreign.example.com', '/'), clientConfig: { url: 'https://127.0.0.1:1/' } }
    const ours = webhook('rev.namespace.sidecar-injector.istio.io', '/tags/later/inject')
    const never = { namespaceSelector: { matchLabels: { never: 'match' } } }
    const applied = serverSide(
      'installer',
      registration(LATER, { ...foreign, ...never }, { ...ours, ...never }),
    )
    t.equal(applied.status, 0, applied.stderr)
    const later = await waitFor('its caBundle', () => {
      const { webhooks } = kubectl.get<Registration>('mutatingwebhookconfiguration', LATER)
      return webhooks[1]?.clientConfig.caBundle === undefined ? undefined : webhooks
    })
    t.equal(later[0]?.clientConfig.caBundle, undefined)
    for (const replica of replicas) t.same((await readyz(replica)).body.problems, [])
    kubectl.run('delete', 'mutatingwebhookconfiguration', LATER)
  },
)

t.test(
  'an invalid CA is reported and not used, and an emptied Secret gets the CA in use',
  LIMIT,
  async (t) => {
    const ca = sharedCa()
    patchSecret({ [AUTHORITY_KEYS.certificate]: Buffer.from('nonsense').toString('base64') })
    const [one] = replicas
    if (one === undefined) throw new Error('no replica')
    await waitFor('the problem', async () => (await readyz(one)).body.certificate.problem, 20_000)
    t.ok(one.process.output().includes('"code":"authority-invalid"'))
    t.notOk(one.process.output().includes('PRIVATE KEY'), 'no key in the log')
    t.match(await readyz(one), { ok: true })
    forwarder.cut()
    t.match(await createPod(), { admitted: true, injected: true })
    patchSecret(null)
    await timed('wiped Secret filled again', () =>
      waitFor('the CA', () => sharedCa() === ca || undefined, 20_000),
    )
    await waitFor(
      'no problem',
      async () => (await readyz(one)).body.certificate.problem === undefined || undefined,
      20_000,
    )
  },
)

t.test('the CA is replaced by another one without refusing a pod', LIMIT, async (t) => {
  const before = sharedCa()
  const next = makeAuthority(Date.now())
  const after = next.get(AUTHORITY_KEYS.certificate) ?? ''
  patchSecret(Object.fromEntries([...next].map(([key, text]) => [key, Buffer.from(text).toString('base64')])))
  const refused: string[] = []
  const done = async (): Promise<true | undefined> => {
    forwarder.cut()
    const { admitted, error } = await createPod()
    if (!admitted) refused.push(error)
    for (const { port } of replicas) {
      const good = await ask(port, after, new Agent()).then(
        () => true,
        () => false,
      )
      if (!good) return undefined
    }
    return true
  }
  await timed('another CA in use everywhere', () => waitFor('the other CA', done, 60_000))
  t.same(refused, [])
  t.ok(filled(after))
  t.ok(bundles().every((bundle) => bundleHolds(bundle, [before, after])))
  t.match(await createPod(), { admitted: true, injected: true })
})

t.test('renewing a certificate loses no request', LIMIT, async (t) => {
  const short = await start('short', { more: ['--tls-life=6s'] })
  await ready(short)
  const ca = sharedCa()
  const kept = new Agent({ keepAlive: true, maxSockets: 4 })
  const serials = new Set<string>()
  const failed: unknown[] = []
  for (let i = 0; i < 240; i++) {
    // Every other request needs a handshake.
    const agent = i % 2 === 0 ? kept : new Agent()
    await ask(short.port, ca, agent).then(
      ({ status, serial }) => (status === 200 ? serials.add(serial) : failed.push(status)),
      (error: unknown) => failed.push(error),
    )
    await sleep(45)
  }
  kept.destroy()
  t.same(failed, [])
  t.ok(serials.size >= 3, `${serials.size} certificates in 240 requests`)
  t.equal(await short.process.stop(), 0)
})

t.test('a webhook that another apply removes is removed, with or without a caBundle', LIMIT, async (t) => {
  const [first] = both.webhooks
  const one = { ...both, webhooks: [first] }
  for (const manager of ['gitops', 'installer']) t.match(serverSide(manager, one), { status: 0 })
  t.equal(getRegistration().webhooks.length, 1)
})
