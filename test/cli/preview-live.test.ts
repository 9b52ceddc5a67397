/** `remora preview --cluster live` from kubeconfig to output, with a fake API server. */
import t from 'tap'
import { startLiveExample } from './live-example.ts'
import { runCommand } from './run-command.ts'

const APPS = ['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map(
  (plural) => `/apis/apps/v1/${plural}`,
)
const BATCH = ['jobs', 'cronjobs'].map((plural) => `/apis/batch/v1/${plural}`)
const CORE = ['pods', 'replicationcontrollers'].map((plural) => `/api/v1/${plural}`)
const ALL = [...APPS, ...BATCH, ...CORE]

const template = { metadata: { labels: {} }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
const owned = (kind: string, name: string) => [{ apiVersion: 'apps/v1', kind, name, controller: true }]

t.test('preview reads the workloads of a live cluster and lists each kind once', async (t) => {
  const api = await startLiveExample(t, ALL)
  // Items of lists come without apiVersion and kind.
  api.put('/apis/apps/v1/deployments', {
    metadata: { name: 'web', namespace: 'test-ns' },
    spec: { template },
  })
  api.put('/apis/apps/v1/replicasets', {
    metadata: { name: 'web-1', namespace: 'test-ns', ownerReferences: owned('Deployment', 'web') },
    spec: { template },
  })
  api.put('/api/v1/pods', {
    metadata: { name: 'web-1-x', namespace: 'test-ns', ownerReferences: owned('ReplicaSet', 'web-1') },
    spec: template.spec,
  })
  api.put('/api/v1/pods', { metadata: { name: 'bare', namespace: 'payments' }, spec: template.spec })
  const { code, out, err } = await runCommand(
    'preview',
    '--to',
    'canary',
    '--cluster',
    'live',
    '--fail-on',
    'lost',
  )
  t.equal(err, '')
  t.equal(code, 0)
  t.match(
    out,
    /default \(1\.28\.3\) -> canary \(1\.30\.3\): 1 would change\n {2}For this workload\n {4}Deployment test-ns\/web\n/,
  )
  t.match(out, / {2}Unchanged\n {4}Pod payments\/bare\n/)
  t.notMatch(out, 'web-1')
  const watched = api.requests.filter(({ query }) => query.get('watch') !== null)
  t.same(watched, [], 'the cluster is read once')
  t.same(api.events, [], 'and nothing is written')
  const webhooks = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
  for (const path of ['/api/v1/namespaces', '/api/v1/nodes', '/api/v1/configmaps', webhooks, ...ALL])
    t.equal(api.asked(path, false).length, 1, `${path} is listed once`)
})

t.test('preview fails without permission to list a kind of workload', async (t) => {
  const api = await startLiveExample(t, ALL)
  const message = 'cronjobs.batch is forbidden'
  api.fail({ status: 403, message }, ({ path }) => path === '/apis/batch/v1/cronjobs', 99)
  const { code, out, err } = await runCommand('preview', '--to', 'canary', '--cluster', 'live')
  t.match(err, /cronjobs/)
  t.equal(code, 2)
  t.equal(out, '')
})
