/** The live cluster with a real API server: `node test/e2e/live-cluster.e2e.ts`. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { LiveCluster } from '../../src/cluster/index.ts'
import { attack, TENANT } from '../hostile/tenant-definitions.ts'
import { findBinaries } from './harness/binaries.ts'
import { type ControlPlane, startControlPlane } from './harness/control-plane.ts'
import { installIstio } from './harness/istio-installs.ts'
import { Kubectl } from './harness/kubectl.ts'
import { waitFor } from './harness/process.ts'
import { testDryRun } from './live-dry-run.ts'

const ACCOUNT = 'remora-live'
const NAMESPACES = 5_000
const NODES = 2_000
const LIMIT = { timeout: 4 * 60_000 }

/** The permissions with which the chart lets Remora follow a cluster. All are needed, and no others. */
const READ = ['list', 'watch']
const RULES = [
  { apiGroups: [''], resources: ['namespaces', 'configmaps'], verbs: ['get', ...READ] },
  { apiGroups: [''], resources: ['services', 'nodes'], verbs: READ },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: READ },
  { apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations'], verbs: READ },
  { apiGroups: ['networking.istio.io'], resources: ['proxyconfigs'], verbs: READ },
  { apiGroups: ['remora.dev'], resources: ['revisionrollouts'], verbs: READ },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
]

const PROXY_CONFIG_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'proxyconfigs.networking.istio.io' },
  spec: {
    group: 'networking.istio.io',
    scope: 'Namespaced',
    names: { kind: 'ProxyConfig', plural: 'proxyconfigs', singular: 'proxyconfig' },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

/** A kubeconfig with its token in a file, like that of a pod's ServiceAccount. */
function accountKubeconfig(plane: ControlPlane): { readonly path: string; issue(boundTo: string): void } {
  const { kubectl } = plane
  kubectl.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace: 'default' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: ACCOUNT },
      rules: RULES,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: ACCOUNT },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ACCOUNT },
      subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: 'default' }],
    },
  )
  const tokenFile = join(plane.folder, 'live.token')
  const path = join(plane.folder, 'live.kubeconfig')
  const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }
  const config = JSON.parse(readFileSync(plane.kubeconfig, 'utf8')) as { users: object[] }
  writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'e2e', user }] }))
  return {
    path,
    issue(boundTo) {
      kubectl.run('create', 'secret', 'generic', boundTo)
      const bound = ['--bound-object-kind=Secret', `--bound-object-name=${boundTo}`]
      writeFileSync(tokenFile, kubectl.run('create', 'token', ACCOUNT, ...bound))
    },
  }
}

const binaries = findBinaries()
const plane = await startControlPlane(binaries)
const times: string[] = []
const timed = async (name: string, run: () => Promise<void>): Promise<void> => {
  const began = performance.now()
  await run()
  times.push(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${name}`)
}

installIstio(plane.kubectl, new Kubectl(binaries.helm, plane.kubeconfig))
const account = accountKubeconfig(plane)
account.issue('first')
process.env['KUBECONFIG'] = account.path
// An undefined kind is looked for more often than in production, so that the suite waits less.
const cluster = new LiveCluster({
  snapshot: { istiodEnv: [], istioVersions: [] },
  timing: { absentMs: 2_000 },
})
const { kubectl } = plane

t.setTimeout(5 * 60_000)
t.teardown(async () => {
  await cluster.close()
  await plane.stop()
  console.log(times.map((line) => `# ${line}`).join('\n'))
})

const label = (namespace: string, name: string): string | undefined =>
  cluster.snapshot().namespaces.get(namespace)?.labels.get(name)
const holds = (what: string, condition: () => boolean, limitMs = 20_000): Promise<true> =>
  waitFor(what, () => condition() || undefined, limitMs)

t.test(
  'with the permissions of the chart the server syncs revisions, tags and undefined kinds',
  async (t) => {
    await timed('first sync', () => cluster.start(new AbortController().signal))
    const { revisions, tags } = cluster.snapshot()
    t.ok(revisions.get('default')?.config && revisions.get('canary')?.config, 'both revisions serve')
    t.equal(tags.get('prod'), 'canary')
    t.match(
      cluster.status().resources?.find(({ resource }) => resource === 'proxyconfigs'),
      { state: 'absent', synced: true },
    )
    t.same(cluster.status().problems, [])
  },
)

t.test('labels of namespaces are followed; a new namespace is read at once', LIMIT, async (t) => {
  kubectl.run('create', 'namespace', 'test-ns')
  const snapshot = await cluster.ensureNamespace('test-ns')
  t.ok(snapshot?.namespaces.has('test-ns'))
  kubectl.run('label', 'namespace', 'test-ns', 'istio-injection=enabled')
  await timed('a label is seen', async () => {
    await holds('the label', () => label('test-ns', 'istio-injection') === 'enabled')
  })
  kubectl.run('label', 'namespace', 'test-ns', 'istio-injection-', 'istio.io/rev=canary')
  await holds('the change', () => label('test-ns', 'istio.io/rev') === 'canary')
  t.equal(label('test-ns', 'istio-injection'), undefined)
  kubectl.run('delete', 'namespace', 'test-ns')
  await holds('the end', () => !cluster.snapshot().namespaces.has('test-ns'))
})

t.test(
  'an invalid ConfigMap keeps its last good state, and kubectl shows an Event on it',
  LIMIT,
  async (t) => {
    const name = 'istio-sidecar-injector-canary'
    const revision = () => cluster.snapshot().revisions.get('canary')
    const good = revision()?.config
    // A ConfigMap as kubectl prints it.
    const before = kubectl.get<{ data: object }>('configmap', name, '-n', 'istio-system')
    const patch = JSON.stringify({ data: { config: 'templates: {sidecar: "{{ if }}"}' } })
    kubectl.run('patch', 'configmap', name, '-n', 'istio-system', '--type=merge', '-p', patch)
    await timed('a broken ConfigMap is reported', async () => {
      await holds('the problem', () => revision()?.problem !== undefined)
      await holds('the Event', () =>
        kubectl
          .run('describe', 'configmap', name, '-n', 'istio-system')
          .includes('RevisionConfigurationInvalid'),
      )
    })
    t.equal(revision()?.config, good)
    kubectl.run(
      'patch',
      'configmap',
      name,
      '-n',
      'istio-system',
      '--type=merge',
      '-p',
      JSON.stringify({ data: before.data }),
    )
    await holds('it is well', () => revision()?.problem === undefined)
    t.not(revision()?.config, undefined)
  },
)

t.test(
  'objects of a tenant with edit rights in one namespace define no revision or tag',
  LIMIT,
  async (t) => {
    kubectl.run('create', 'namespace', TENANT)
    kubectl.run('create', 'rolebinding', 'tenant', '-n', TENANT, '--clusterrole=edit', '--user=tenant')
    const before = cluster.snapshot()
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: attack })
    await waitFor(
      'the right to edit',
      () => kubectl.tryWith(list, '--as=tenant', 'apply', '-f', '-').status === 0 || undefined,
    )
    t.not(
      kubectl.try('--as=tenant', 'create', 'configmap', 'istio-sidecar-injector-x', '-n', 'istio-system')
        .status,
      0,
    )
    await holds('the report', () => cluster.snapshot().ignored?.length === 6)
    const { revisions, tags } = cluster.snapshot()
    t.same(
      [...revisions].map(([name, { namespace, config }]) => [name, namespace, config]),
      [...before.revisions].map(([name, { namespace, config }]) => [name, namespace, config]),
      'the same revisions with the same configurations',
    )
    t.same([...tags], [...before.tags])
    const events = () =>
      kubectl.run('get', 'events', '-n', TENANT, '-o', 'jsonpath={.items[*].reason}').split(' ')
    await holds(
      'the Events',
      () => events().filter((reason) => /^Revision(?:Tag)?Ignored$/.test(reason)).length === 6,
    )
    kubectl.runWith(list, 'delete', '-f', '-', '--wait=false')
    await holds('nothing more to report', () => cluster.snapshot().ignored?.length === 0)
  },
)

t.test("with the chart's namespaced permissions the listed namespaces are sufficient", LIMIT, async (t) => {
  const namespace = 'remora-scoped'
  kubectl.run('create', 'namespace', namespace)
  const chart = new URL('../../charts/remora', import.meta.url).pathname
  const rendered = new Kubectl(binaries.helm, plane.kubeconfig).run(
    ...['template', 'remora', chart, '-n', namespace, '--set', 'istioNamespaces={istio-system}'],
    ...['-s', 'templates/rbac.yaml', '-s', 'templates/serviceaccount.yaml'],
  )
  kubectl.runWith(rendered, 'apply', '-f', '-')
  const token = kubectl.run('create', 'token', 'remora', '-n', namespace)
  const config = JSON.parse(readFileSync(plane.kubeconfig, 'utf8')) as { users: object[] }
  const path = join(plane.folder, 'scoped.kubeconfig')
  writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'e2e', user: { token } }] }))
  t.not(
    kubectl.try('auth', 'can-i', 'list', 'configmaps', '-A', `--as=system:serviceaccount:${namespace}:remora`)
      .status,
    0,
  )
  const usual = process.env['KUBECONFIG']
  process.env['KUBECONFIG'] = path
  const scoped = new LiveCluster({
    snapshot: { istiodEnv: [], istioVersions: [], trust: { namespaces: ['istio-system'], only: true } },
  })
  try {
    await scoped.start(AbortSignal.timeout(30_000))
    t.ok(scoped.synced)
    t.same([...scoped.snapshot().revisions.keys()], [...cluster.snapshot().revisions.keys()])
    t.equal(scoped.snapshot().tags.get('prod'), 'canary')
    t.same(
      scoped.status().problems.filter(({ code }) => code.startsWith('cluster-')),
      [],
    )
  } finally {
    process.env['KUBECONFIG'] = usual
    await scoped.close()
  }
})

t.test('--dry-run=server: the API server judges the injected pods', LIMIT, (t) =>
  timed('dry runs', () => testDryRun(t, plane, ACCOUNT)),
)

t.test('a definition that appears later is found', LIMIT, async (t) => {
  kubectl.apply(PROXY_CONFIG_DEFINITION)
  kubectl.run('wait', '--for=condition=Established', 'crd/proxyconfigs.networking.istio.io')
  kubectl.apply({
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ProxyConfig',
    metadata: { name: 'two-threads', namespace: 'default' },
    spec: { concurrency: 2 },
  })
  await timed('a ProxyConfig whose definition came later', async () => {
    await holds('the ProxyConfig', () => cluster.snapshot().proxyConfigs.has('default'), 60_000)
  })
  t.match(cluster.snapshot().proxyConfigs.get('default'), [{ name: 'two-threads' }])
  kubectl.run('delete', 'crd', 'proxyconfigs.networking.istio.io')
  await holds('its end', () => !cluster.snapshot().proxyConfigs.has('default'), 60_000)
})

t.test(
  'after the API server is killed and a token expires, the last state serves and the server recovers',
  async (t) => {
    account.issue('second')
    kubectl.run('delete', 'secret', 'first')
    const down = plane.restartApiServer(3_000)
    await holds('the outage', () => cluster.status().problems.length > 0)
    t.match(cluster.status(), { synced: true, problems: [{ code: 'cluster-api-unreachable' }] })
    t.ok(cluster.snapshot().revisions.get('default')?.config, 'still serves')
    await down
    kubectl.run('create', 'namespace', 'after-the-outage')
    await timed('recovery after an outage of 3 s', async () => {
      await holds('the new namespace', () => cluster.snapshot().namespaces.has('after-the-outage'), 60_000)
      await holds('all is well', () => cluster.status().problems.length === 0, 60_000)
    })
    t.equal(cluster.status().staleForMs, 0)
  },
)

t.test(`${NAMESPACES} namespaces and ${NODES} nodes`, LIMIT, async (t) => {
  const small = await measure(account.path)
  await timed('making them', async () => {
    await create(plane, '/api/v1/namespaces', NAMESPACES, (i) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: `team-${i}`,
        labels: { team: `t${i % 100}`, 'istio.io/rev': 'canary', env: 'production' },
      },
    }))
    await create(plane, '/api/v1/nodes', NODES, (i) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: `node-${i}`,
        labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': `node-${i}` },
      },
      status: {
        nodeInfo: { kubeletVersion: 'v1.34.1' },
        images: Array.from({ length: 50 }, (_, k) => ({
          names: [
            `registry.example.com/team/image-${k}@sha256:${'0'.repeat(64)}`,
            `registry.example.com/team/image-${k}:1.${i}`,
          ],
          sizeBytes: 100_000_000 + k,
        })),
      },
    }))
  })
  await timed('the running cluster has followed', async () => {
    await holds('all namespaces', () => cluster.snapshot().namespaces.size >= NAMESPACES, 60_000)
  })
  const figures = await measure(account.path)
  times.push(`          a new process before: ${JSON.stringify(small)}`)
  times.push(`          a new process after:  ${JSON.stringify(figures)}`)
  t.ok(figures.namespaces >= NAMESPACES)
  t.equal(figures.nodes, NODES, 'of 1.30.3: native sidecars are decided by kubelets')
  t.ok(figures.syncMs < 30_000)
})

/** By many connections: kubectl keeps to a few objects a second. */
async function create(
  plane: ControlPlane,
  path: string,
  count: number,
  make: (i: number) => object,
): Promise<void> {
  // The administrator's kubeconfig, as the harness writes it.
  const config = JSON.parse(readFileSync(plane.kubeconfig, 'utf8')) as {
    users: [{ user: { token: string } }]
  }
  const agent = new https.Agent({ keepAlive: true, maxSockets: 24, ca: readFileSync(plane.caFile) })
  const headers = {
    authorization: `Bearer ${config.users[0].user.token}`,
    'content-type': 'application/json',
  }
  const post = (i: number) =>
    new Promise<void>((resolve, reject) => {
      const request = https.request(`${plane.url}${path}`, { method: 'POST', agent, headers }, (response) => {
        response
          .resume()
          .once('end', () =>
            response.statusCode === 201 ? resolve() : reject(new Error(`${path}: ${response.statusCode}`)),
          )
      })
      request.once('error', reject).end(JSON.stringify(make(i)))
    })
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) await post(next++)
  }
  await Promise.all(Array.from({ length: 24 }, work))
  agent.destroy()
}

interface Figures {
  readonly namespaces: number
  readonly nodes: number
  readonly syncMs: number
}

async function measure(kubeconfig: string): Promise<Figures> {
  const script = new URL('./harness/live-figures.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--expose-gc', script], {
    env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // The script prints one line in that format.
  return JSON.parse(await text(child.stdout)) as Figures
}
