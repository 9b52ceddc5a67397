/** `--cluster live` from kubeconfig to answer, before an API server of the suite. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { runCli } from '../../src/cli/index.ts'
import { isObject, type JsonObject, readYamlDocuments } from '../../src/json/index.ts'
import { FakeApi } from '../cluster/live/fake-api.ts'

const folder = join(resolve(import.meta.dirname, '../..'), 'examples/canary-upgrade/cluster')
const PATHS: ReadonlyMap<string, string> = new Map([
  ['Namespace', '/api/v1/namespaces'],
  ['ConfigMap', '/api/v1/configmaps'],
  ['Deployment', '/apis/apps/v1/deployments'],
  ['Service', '/api/v1/services'],
  ['Node', '/api/v1/nodes'],
  ['ProxyConfig', '/apis/networking.istio.io/v1beta1/proxyconfigs'],
  ['MutatingWebhookConfiguration', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'],
])
const PODS = '/api/v1/namespaces/test-ns/pods'

function objects(): readonly JsonObject[] {
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  return texts.flatMap((text) =>
    readYamlDocuments(text).flatMap(({ value }) => (isObject(value) ? [value] : [])),
  )
}

t.test('a namespace and its pods, read when asked for', async (t) => {
  const api = await FakeApi.start([...PATHS.values(), PODS])
  t.teardown(() => api.kill())
  for (const object of objects()) {
    const path = PATHS.get(String(object['kind']))
    if (path !== undefined) api.put(path, object)
  }
  const spec = { containers: [{ name: 'web', image: 'web:1' }] }
  api.put(PODS, { metadata: { name: 'bare', namespace: 'test-ns' }, spec })
  const { server } = await api.current()
  const kubeconfig = join(t.testdir(), 'kubeconfig')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: server.origin, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 'first' } }],
    }),
  )
  const before = process.env['KUBECONFIG']
  process.env['KUBECONFIG'] = kubeconfig
  t.teardown(() => {
    if (before === undefined) delete process.env['KUBECONFIG']
    else process.env['KUBECONFIG'] = before
  })
  let [out, err] = ['', '']
  const io = {
    env: {},
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
    readStdin: async () => '',
  }
  t.equal(await runCli(['explain', 'namespace', 'test-ns', '--cluster', 'live'], io), 1)
  t.match(out, /\nbare +no sidecar +default +restart: sidecar none -> default\n/)
  t.equal(api.asked(PODS, true).length, 0, 'pods are not watched')
  t.equal(err, '')
})
