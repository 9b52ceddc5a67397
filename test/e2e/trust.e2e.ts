/**
 * Whether the API server trusts Remora while certificates and caBundles change under load, with a real API server:
 * `node test/e2e/trust.e2e.ts`. Each scenario creates pods all the time and counts those that are refused.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AUTHORITY_KEYS, bundleHolds } from '../../src/certs/index.ts'
import { makeAuthority } from '../../src/certs/make-authority.ts'
import { waitFor } from './harness/process.ts'
import { connectApi } from './harness/tls/api.ts'
import { CertManager } from './harness/tls/cert-manager.ts'
import type { Forwarder } from './harness/tls/forwarder.ts'
import {
  both,
  CONFIGURATION,
  emptySecret,
  FILES,
  NAMESPACE,
  registration,
  SERVICE,
  SERVICE_PORT,
  webhook,
} from './harness/tls/objects.ts'
import {
  type Attempt,
  type PodLoad,
  reasonsOf,
  refusedOf,
  shareOf,
  startPodLoad,
} from './harness/tls/pod-load.ts'
import { questions, type Registration } from './harness/tls/questions.ts'
import { ready, readyz } from './harness/tls/replica.ts'
import { prepareStage } from './harness/tls/stage.ts'

const LIMIT = { timeout: 120_000 }
t.setTimeout(5 * 60_000)
const { plane, replicas, figures, start, forwardTo } = await prepareStage({
  namespaces: { 'test-ns': 'istio-injection=enabled', payments: 'remora-files=enabled' },
  services: [SERVICE, FILES],
})
const { kubectl } = plane
const { sharedCa, filled, patchSecret, serverSide } = questions(plane)
const api = connectApi(plane)
t.teardown(() => api.close())
const filesWebhook = {
  ...webhook('files.sidecar-injector.istio.io', '/revisions/default/inject'),
  clientConfig: {
    service: { namespace: NAMESPACE, name: FILES, port: SERVICE_PORT, path: '/revisions/default/inject' },
  },
  namespaceSelector: { matchLabels: { 'remora-files': 'enabled' } },
}

/** Every pod needs a new connection, so that no old one hides what new ones get. */
const load = (namespace: string, forwarder: Forwarder): PodLoad =>
  startPodLoad(api, namespace, () => forwarder.cut())

serverSide('installer', emptySecret, both)
const [one, two] = [await start('one'), await start('two')]
await Promise.all([ready(one), ready(two)])
const shared = await forwardTo(SERVICE, [one, two])
/** Simulates a tool that applies its own CA. */
async function takeBundles(): Promise<number> {
  const stranger = makeAuthority(Date.now()).get(AUTHORITY_KEYS.certificate) ?? ''
  const value = Buffer.from(stranger).toString('base64')
  const operations = [0, 1].map((index) => ({
    ...{ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value },
  }))
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${CONFIGURATION}?fieldManager=other`
  return (await api.send('PATCH', path, 'application/json-patch+json', operations)).status
}
const writes = (): number =>
  replicas.flatMap(({ process }) => process.output().match(/"msg":"caBundle written"/g) ?? []).length

t.test(
  'pods are admitted again 5 s after the last write of a second writer that writes every second',
  LIMIT,
  async (t) => {
    const pods = load('test-ns', shared)
    const [before, beganMs] = [writes(), Date.now()]
    let lastWriteMs = beganMs
    for (let i = 0; i < 12; i++) {
      lastWriteMs = Date.now()
      t.equal(await takeBundles(), 200)
      await sleep(1_000)
    }
    const [written, lastedMs] = [writes() - before, Date.now() - beganMs]
    const perMinute = Math.round((written * 60_000) / lastedMs)
    const problems = (await readyz(one)).body.problems
    const metrics = await (await fetch(`http://127.0.0.1:${one.healthPort}/metrics`)).text()
    await sleep(lastWriteMs + 7_000 - Date.now())
    const attempts = await pods.stop()
    const during = attempts.filter(({ atMs }) => atMs < lastWriteMs)
    const after = attempts.filter(({ atMs }) => atMs >= lastWriteMs + 5_000)
    const lastMs = refusedOf(attempts).at(-1)?.atMs ?? lastWriteMs
    figures.push(
      `second writer each second: ${shareOf(during)}, ${perMinute} writes a minute; last refusal ${lastMs - lastWriteMs} ms after its last write`,
    )
    t.equal(refusedOf(after).length, 0, reasonsOf(after))
    t.ok(after.length > 0)
    // 30 a minute, and one more at the edge of a time that is this short.
    t.ok(written >= 3 && written <= lastedMs / 2_000 + 1, `${written} writes in ${lastedMs} ms`)
    t.ok(problems.some(({ code }) => code === 'ca-bundle-contested'))
    t.match(metrics, /^remora_ca_bundle_good 0$/m)
  },
)

t.test(
  'caBundles that were lost while the API server was unavailable are restored soon after it returns',
  LIMIT,
  async (t) => {
    t.equal(await takeBundles(), 200)
    await waitFor('the first heal', () => filled(sharedCa()) || undefined)
    t.equal(await takeBundles(), 200)
    // Long enough for attempts to be as far apart as they ever are.
    await plane.restartApiServer(15_000)
    const backMs = Date.now()
    const pods = load('test-ns', shared)
    await sleep(9_000)
    const attempts = await pods.stop()
    const lastMs = refusedOf(attempts).at(-1)?.atMs ?? backMs
    figures.push(
      `API server away while the caBundles were bad: ${shareOf(attempts)}; last refusal ${lastMs - backMs} ms after it was back`,
    )
    const late = attempts.filter(({ atMs }) => atMs >= backMs + 5_000)
    t.equal(refusedOf(late).length, 0, reasonsOf(late))
    t.ok(late.length > 0)
  },
)

t.test('a Secret that is emptied while a replica restarts refuses no pod', LIMIT, async (t) => {
  const ca = sharedCa()
  const pods = load('test-ns', shared)
  shared.use([one.port])
  await two.process.stop()
  patchSecret(null)
  const next = await start('next')
  await ready(next, 60_000)
  shared.use([one.port, next.port])
  t.equal(sharedCa(), ca, 'the CA that was in use is back')
  t.notOk(next.process.output().includes('shared CA made'), 'whether it waited or found it')
  await sleep(1_000)
  const attempts = await pods.stop()
  figures.push(`self, Secret emptied during a restart: ${shareOf(attempts)}`)
  t.equal(refusedOf(attempts).length, 0, reasonsOf(attempts))
})

/** Replicas with files, in mode `files` as the chart starts them with cert-manager. */
async function renewals(): Promise<{ attempts: readonly Attempt[]; trusted: boolean; kept: boolean }> {
  const manager = new CertManager(join(plane.folder, 'cert-manager'), `${FILES}.${NAMESPACE}.svc`)
  await manager.issue(2, 0)
  const identity = (replica: number): readonly string[] => {
    const file = (name: string): string => join(manager.mountOf(replica), 'data', name)
    return [
      ...['--tls=files', `--tls-cert-file=${file('tls.crt')}`, `--tls-key-file=${file('tls.key')}`],
      ...[`--tls-ca-file=${file('ca.crt')}`, `--service-name=${NAMESPACE}/${FILES}`],
      `--webhook-configurations=${FILES}`,
    ]
  }
  serverSide('installer', registration(FILES, filesWebhook))
  const mounted = [
    await start('mounted-0', { identity: identity(0) }),
    await start('mounted-1', { identity: identity(1) }),
  ]
  await Promise.all(mounted.map((replica) => ready(replica)))
  const forwarder = await forwardTo(FILES, mounted)
  const pods = load('payments', forwarder)
  const before = manager.authority
  await manager.issue(2, 2_000)
  manager.renewAuthority()
  await manager.issue(2, 8_000)
  // The last replica looks at its files every 5 s, and serves by a new CA 5 s later.
  await sleep(11_000)
  const attempts = await pods.stop()
  const { webhooks } = kubectl.get<Registration>('mutatingwebhookconfiguration', FILES)
  const bundle = Buffer.from(webhooks[0]?.clientConfig.caBundle ?? '', 'base64').toString()
  return {
    attempts,
    trusted: bundleHolds(bundle, [manager.authority]),
    kept: bundleHolds(bundle, [before]),
  }
}

t.test(
  'an invalid Secret is repaired before any restarted replica is ready; cert-manager renewals refuse no pod',
  LIMIT,
  async (t) => {
    const ca = sharedCa()
    await Promise.all(replicas.map((replica) => replica.process.stop()))
    const garbage = Buffer.from('nonsense').toString('base64')
    patchSecret({ [AUTHORITY_KEYS.certificate]: garbage, [AUTHORITY_KEYS.key]: garbage })
    const fresh = [await start('fresh-0'), await start('fresh-1')]
    shared.use(fresh.map(({ port }) => port))
    // Besides the 30 s for which replicas wait for one that has the CA.
    const [renewed] = await Promise.all([renewals(), ...fresh.map((replica) => ready(replica, 60_000))])
    t.not(sharedCa(), ca, 'no replica had the old one any more')
    t.ok(filled(ca) && filled(sharedCa()), 'both stand in the caBundles')
    const pods = load('test-ns', shared)
    await sleep(5_000)
    const attempts = await pods.stop()
    figures.push(`self, garbage in the Secret while all restarted, once ready: ${shareOf(attempts)}`)
    t.equal(refusedOf(attempts).length, 0, reasonsOf(attempts))
    t.ok(attempts.length > 5)

    figures.push(`cert-manager, certificate and CA renewed: ${shareOf(renewed.attempts)}`)
    t.equal(refusedOf(renewed.attempts).length, 0, reasonsOf(renewed.attempts))
    t.ok(renewed.trusted && renewed.kept, 'old and new CA stand in the caBundle')
  },
)
