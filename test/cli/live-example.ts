/** The embedded cluster as a fake API server, found through a kubeconfig like by `--cluster live`. Not a test. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
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

function objects(): readonly JsonObject[] {
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  return texts.flatMap((text) =>
    readYamlDocuments(text).flatMap(({ value }) => (isObject(value) ? [value] : [])),
  )
}

/**
 * @param further collections beside those that the server itself reads
 * @param content instead of the embedded cluster
 */
export async function startLiveExample(
  t: Test,
  further: readonly string[],
  content = objects(),
): Promise<FakeApi> {
  const api = await FakeApi.start([...PATHS.values(), ...further])
  t.teardown(() => api.kill())
  for (const object of content) {
    const path = PATHS.get(String(object['kind']))
    if (path !== undefined) api.put(path, object)
  }
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
  return api
}
