/**
 * The serving certificate and the caBundles against a real API server, which calls the webhook through its Service:
 * `node test/e2e/tls.e2e.ts`. Two servers, with a ServiceAccount that has the rights that the chart gives for it.
 */
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AUTHORITY_KEYS, bundleHolds, makeAuthority, splitCertificates } from '../../src/certs/index.ts'
import { findBinaries } from './harness/binaries.ts'
import { startControlPlane } from './harness/control-plane.ts'
import { freePorts } from './harness/free-ports.ts'
import { type StartedProcess, startProcess, waitFor } from './harness/process.ts'
import { buildForProduction } from './harness/production-build.ts'

const NAMESPACE = 'remora-system'
const SERVICE = 'remora'
const SERVICE_PORT = 8443
const SECRET = 'remora-ca'
const CONFIGURATION = 'remora-sidecar-injector'
/** Listed and not there: waited for. */
const LATER = 'remora-revision-tag-later'
const LIMIT = { timeout: 120_000 }
const cluster = new URL('../../examples/canary-upgrade/cluster', import.meta.url).pathname

const webhook = (name: string, path: string) => ({
  name,
  clientConfig: { service: { namespace: NAMESPACE, name: SERVICE, port: SERVICE_PORT, path } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  failurePolicy: 'Fail',
  timeoutSeconds: 10,
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' }],
  namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
})
const registration = (name: string, ...webhooks: object[]) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name },
  webhooks,
})
const both = registration(
  CONFIGURATION,
  webhook('namespace.sidecar-injector.istio.io', '/revisions/default/inject'),
  webhook('object.sidecar-injector.istio.io', '/revisions/default/inject'),
)
const emptySecret = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: { name: SECRET, namespace: NAMESPACE },
}
/** Exactly what `--tls=self` and `--webhook-configurations` need. */
const rights = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'remora', namespace: NAMESPACE } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'remora' },
    rules: [
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        resourceNames: [CONFIGURATION, LATER],
        verbs: ['list', 'watch', 'patch'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'remora' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'remora' },
    subjects: [{ kind: 'ServiceAccount', name: 'remora', namespace: NAMESPACE }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'remora', namespace: NAMESPACE },
    rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [SECRET], verbs: ['get', 'update'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'remora', namespace: NAMESPACE },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'remora' },
    subjects: [{ kind: 'ServiceAccount', name: 'remora', namespace: NAMESPACE }],
  },
]

interface Registration {
  readonly metadata: { readonly managedFields: readonly { readonly manager: string }[] }
  readonly webhooks: readonly {
    readonly name: string
    readonly clientConfig: { readonly caBundle?: string }
  }[]
}
interface SecretObject {
  readonly data?: Readonly<Record<string, string>>
}
interface Replica {
  readonly process: StartedProcess
  readonly port: number
  readonly healthPort: number
}

const plane = await startControlPlane(findBinaries())
const { kubectl } = plane
const main = buildForProduction(join(plane.folder, 'image'))
const times: string[] = []
const replicas: Replica[] = []
let forwarder: Forwarder | undefined

t.setTimeout(5 * 60_000)
t.teardown(async () => {
  forwarder?.close()
  await Promise.all(replicas.map((replica) => replica.process.stop()))
  await plane.stop()
  console.log(times.map((line) => `# ${line}`).join('\n'))
})

async function timed<T>(what: string, run: () => Promise<T> | T): Promise<T> {
  const began = performance.now()
  const result = await run()
  times.push(`${((performance.now() - began) / 1000).toFixed(2).padStart(6)} s  ${what}`)
  return result
}

// ---- what the tests ask
const getRegistration = (): Registration =>
  kubectl.get<Registration>('mutatingwebhookconfiguration', CONFIGURATION, '--show-managed-fields')
const bundles = (): readonly string[] =>
  getRegistration().webhooks.map(({ clientConfig }) =>
    Buffer.from(clientConfig.caBundle ?? '', 'base64').toString('utf8'),
  )
const sharedCa = (): string => {
  const { data = {} } = kubectl.get<SecretObject>('secret', SECRET, '-n', NAMESPACE)
  return Buffer.from(data[AUTHORITY_KEYS.certificate] ?? '', 'base64').toString('utf8')
}
const filled = (ca: string): boolean => bundles().every((bundle) => bundleHolds(bundle, [ca]))
const patch = (json: object, kind = 'merge', name = CONFIGURATION): string =>
  kubectl.run(
    ...['patch', 'mutatingwebhookconfiguration', name, `--type=${kind}`, '-p', JSON.stringify(json)],
  )
const removeBundles = (): string =>
  patch(
    [0, 1].map((index) => ({ op: 'remove', path: `/webhooks/${index}/clientConfig/caBundle` })),
    'json',
  )
const patchSecret = (data: object | null): string =>
  kubectl.run('patch', 'secret', SECRET, '-n', NAMESPACE, '--type=merge', '-p', JSON.stringify({ data }))

interface Creation {
  readonly admitted: boolean
  readonly injected: boolean
  readonly error: string
}

/**
 * Whether a pod is admitted, and with a sidecar. Dry runs call the webhook as well. Beside this process, since the
 * Service's forwarder runs in it.
 */
function createPod(): Promise<Creation> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'hello-', namespace: 'test-ns' },
    spec: { containers: [{ name: 'hello', image: 'hello' }] },
  }
  return new Promise((resolve) => {
    const child = execFile(
      plane.binaries.kubectl,
      [`--kubeconfig=${plane.kubeconfig}`, 'create', '-f', '-', '--dry-run=server', '-o', 'json'],
      { env: { ...process.env, no_proxy: '127.0.0.1,localhost' } },
      (failure, stdout, error) =>
        resolve({ admitted: failure === null, injected: stdout.includes('"istio-proxy"'), error }),
    )
    child.stdin?.end(JSON.stringify(pod))
  })
}

// ---- the world around
interface Forwarder {
  /** New connections go to these ports in turn. */
  use(ports: readonly number[]): void
  /** Ends all connections, so that the next call makes a new one. */
  cut(): void
  close(): void
}

/** Stands for kube-proxy: the Service's address leads to the replicas. */
async function forward(host: string): Promise<Forwarder> {
  const open = new Set<Socket>()
  let ports: readonly number[] = []
  let turn = 0
  const server: Server = createServer((socket) => {
    const port = ports[turn++ % Math.max(1, ports.length)]
    if (port === undefined) return void socket.destroy()
    const onward = dial(port, '127.0.0.1')
    for (const end of [socket, onward]) {
      open.add(end)
      end.on('error', () => undefined).on('close', () => open.delete(end))
    }
    socket.pipe(onward).on('close', () => socket.destroy())
    onward.pipe(socket).on('close', () => onward.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(SERVICE_PORT, host, resolve)
  })
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    use(next) {
      ports = next
    },
    cut,
    close() {
      server.close()
      cut()
    },
  }
}

function accountKubeconfig(): string {
  const token = kubectl.run('create', 'token', 'remora', '-n', NAMESPACE, '--duration=1h')
  const path = join(plane.folder, 'remora.kubeconfig')
  const config = JSON.parse(kubectl.run('config', 'view', '--raw', '-o', 'json')) as { users: object[] }
  writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'e2e', user: { token: token.trim() } }] }))
  return path
}

async function startReplica(name: string, kubeconfig: string, ...more: string[]): Promise<Replica> {
  const [port = 0, healthPort = 0] = await freePorts(2)
  const started = startProcess({
    name,
    command: process.execPath,
    args: [
      ...[main, 'serve', `--cluster=${cluster}`, `--port=${port}`, `--metrics-port=${healthPort}`],
      ...['--tls=self', `--tls-secret=${NAMESPACE}/${SECRET}`, `--service-name=${NAMESPACE}/${SERVICE}`],
      ...[`--webhook-configurations=${CONFIGURATION},${LATER}`, '--drain-delay=0', ...more],
    ],
    logFile: join(plane.folder, 'logs', `${name}.log`),
    env: { KUBECONFIG: kubeconfig, no_proxy: '127.0.0.1' },
  })
  const replica = { process: started, port, healthPort }
  replicas.push(replica)
  return replica
}

interface ReadyBody {
  readonly problems: readonly { readonly code: string }[]
  readonly certificate: { readonly notAfter?: string; readonly problem?: string }
  readonly webhookConfigurations: readonly { readonly name: string; readonly state: string }[]
}

async function readyz({ healthPort }: Replica): Promise<{ readonly ok: boolean; readonly body: ReadyBody }> {
  const response = await fetch(`http://127.0.0.1:${healthPort}/readyz`)
  // What the server's own readiness.ts writes.
  return { ok: response.ok, body: (await response.json()) as ReadyBody }
}

const ready = (replica: Replica) =>
  waitFor('a replica to be ready', async () => {
    if (replica.process.exited) throw new Error(replica.process.output())
    return (await readyz(replica)).ok || undefined
  })

interface Answer {
  readonly status: number
  readonly serial: string
}

/** One review, sent as the API server does; verified by the shared CA and the Service's name. */
function ask(port: number, ca: string, agent: Agent): Promise<Answer> {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'test-ns',
      operation: 'CREATE',
      object: { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'c' }] } },
    },
  })
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, ca, agent, servername: `${SERVICE}.${NAMESPACE}.svc` },
        ...{
          method: 'POST',
          path: '/revisions/default/inject',
          headers: { 'content-type': 'application/json' },
        },
      },
      (response) => {
        const { socket } = response
        const serial = 'getPeerX509Certificate' in socket ? serialOf(socket) : ''
        response
          .resume()
          .on('end', () => resolve({ status: response.statusCode ?? 0, serial }))
          .on('error', reject)
      },
    )
    sent.on('error', reject).end(body)
  })
}

function serialOf(socket: object): string {
  // An HTTPS response's socket is a TLSSocket.
  return (
    (socket as { getPeerX509Certificate(): X509Certificate | undefined }).getPeerX509Certificate()
      ?.serialNumber ?? ''
  )
}

// ---- the story
kubectl.run('create', 'namespace', NAMESPACE)
kubectl.run('create', 'namespace', 'test-ns')
kubectl.run('label', 'namespace', 'test-ns', 'istio-injection=enabled')
kubectl.apply(...rights, {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: SERVICE, namespace: NAMESPACE },
  spec: { ports: [{ port: SERVICE_PORT }] },
})
const serverSide = (manager: string, ...objects: object[]) =>
  kubectl.tryWith(
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    ...['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'],
  )
await waitFor('the ServiceAccount of test-ns', () =>
  kubectl.try('get', 'serviceaccount', 'default', '-n', 'test-ns').status === 0 ? true : undefined,
)
const kubeconfig = accountKubeconfig()
const service = kubectl.get<{ spec: { clusterIP: string } }>('service', SERVICE, '-n', NAMESPACE)
forwarder = await forward(service.spec.clusterIP)

t.test('a Secret that is not there yet is waited for, unready, with the reason', LIMIT, async (t) => {
  const one = await startReplica('one', kubeconfig)
  const two = await startReplica('two', kubeconfig)
  const reason = await waitFor('the reason', async () => {
    const { ok, body } = await readyz(one)
    t.notOk(ok)
    return body.certificate.problem?.includes('does not exist') ? body.certificate.problem : undefined
  })
  t.match(reason, /Secret remora-system\/remora-ca/)
  t.equal(serverSide('installer', emptySecret, both).status, 0)
  await timed('two replicas agree on a CA and are ready', () => Promise.all([ready(one), ready(two)]))
  forwarder?.use([one.port, two.port])
})

t.test(
  'both replicas serve by one CA, the caBundles hold it, pods are injected through the Service',
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
      forwarder?.cut()
    }
    const made = replicas.filter(({ process }) => process.output().includes('shared CA made'))
    t.equal(made.length, 1, 'one of them made it')
  },
)

t.test('the same render by another field manager: no conflict, no difference', LIMIT, async (t) => {
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
})

t.test('caBundles that are wiped or replaced are healed, and pods are admitted', LIMIT, async (t) => {
  const ca = sharedCa()
  removeBundles()
  await timed('wiped caBundles healed', () => waitFor('caBundles', () => filled(ca) || undefined))
  forwarder?.cut()
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
  forwarder?.cut()
  t.match(await createPod(), { admitted: true, injected: true })
})

t.test(
  'a configuration that comes later is filled; one that calls another Service is left alone',
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
  'a CA that is no good is told and changes nothing; a wiped Secret gets the CA in use back',
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
    forwarder?.cut()
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

t.test('another CA takes over without a pod that is refused', LIMIT, async (t) => {
  const before = sharedCa()
  const next = makeAuthority(Date.now())
  const after = next.get(AUTHORITY_KEYS.certificate) ?? ''
  patchSecret(Object.fromEntries([...next].map(([key, text]) => [key, Buffer.from(text).toString('base64')])))
  const refused: string[] = []
  const done = async (): Promise<true | undefined> => {
    forwarder?.cut()
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
  t.ok(bundles().every((bundle) => splitCertificates(bundle).length === 2 && bundleHolds(bundle, [before])))
  t.match(await createPod(), { admitted: true, injected: true })
})

t.test('a tool that takes the caBundle away again and again meets pauses, not a fight', LIMIT, async (t) => {
  const ca = sharedCa()
  const heals = (): number =>
    replicas.flatMap(({ process }) => process.output().match(/"msg":"caBundle written"/g) ?? []).length
  const before = heals()
  const began = Date.now()
  let reverts = 0
  while (Date.now() - began < 12_000) {
    if (filled(ca)) {
      removeBundles()
      reverts += 1
    }
    await sleep(50)
  }
  t.ok(heals() - before <= 8, `${heals() - before} writes against ${reverts} reverts in 12 s`)
  const told = await Promise.all(replicas.map(async (replica) => (await readyz(replica)).body.problems))
  t.ok(told.every((problems) => problems.some(({ code }) => code === 'ca-bundle-contested')))
  await waitFor('the last heal', () => filled(ca) || undefined, 60_000)
  forwarder?.cut()
  t.match(await createPod(), { admitted: true, injected: true })
})

t.test('renewing a certificate loses no request', LIMIT, async (t) => {
  const short = await startReplica('short', kubeconfig, '--tls-life=6s')
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

t.test('a webhook that another apply drops is dropped, caBundle or not', LIMIT, async (t) => {
  const [first] = both.webhooks
  const one = { ...both, webhooks: [first] }
  for (const manager of ['gitops', 'installer']) t.match(serverSide(manager, one), { status: 0 })
  t.equal(getRegistration().webhooks.length, 1)
})
