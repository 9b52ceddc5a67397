import { writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { issueAuthority } from '../../../src/certs/issue.ts'
import { LiveCluster } from '../../../src/cluster/index.ts'
import { KubeConfigEndpoint } from '../../../src/cluster/live/endpoint.ts'
import { RemoraError } from '../../../src/errors.ts'

const hour = 3_600_000
const authority = () =>
  issueAuthority({
    commonName: 'test',
    notBefore: new Date(Date.now() - hour),
    notAfter: new Date(Date.now() + hour),
  }).certificate

interface Config {
  readonly cluster?: object
  readonly user?: object
}

/** A kubeconfig in a folder of the test's own, in the environment while the test runs. */
function setUp(t: Test, config: Config = {}) {
  const folder = t.testdir({ token: 'first', 'ca.crt': authority() })
  const path = join(folder, 'config')
  const write = ({ cluster = {}, user = {} }: Config): void =>
    writeFileSync(
      path,
      JSON.stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: 'https://api.example:6443/base', ...cluster } }],
        users: [{ name: 'u', user }],
      }),
    )
  write(config)
  setEnvironment(t, { KUBECONFIG: path })
  const endpoint = new KubeConfigEndpoint()
  t.teardown(() => endpoint.close())
  return { folder, endpoint, write }
}

function setEnvironment(t: Test, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name]
    process.env[name] = value
    t.teardown(() => {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    })
  }
}

t.test('a token from a command is read again on request', async (t) => {
  const { endpoint, write } = setUp(t, { user: { token: 'first' } })
  const first = await endpoint.current()
  t.equal(first.server.href, 'https://api.example:6443/base')
  t.equal(first.headers['Authorization'], 'Bearer first')
  write({ user: { token: 'second' } })
  t.equal((await endpoint.current()).headers['Authorization'], 'Bearer first')
  endpoint.renew()
  const second = await endpoint.current()
  t.equal(second.headers['Authorization'], 'Bearer second')
  t.equal(second.agent, first.agent, 'connections stay')
})

t.test('a token file is used, as in a pod', async (t) => {
  const { endpoint, folder, write } = setUp(t)
  const tokenFile = join(folder, 'token')
  write({ user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } })
  t.equal((await endpoint.current()).headers['Authorization'], 'Bearer first')
  writeFileSync(tokenFile, 'second')
  endpoint.renew()
  t.equal((await endpoint.current()).headers['Authorization'], 'Bearer second')
})

t.test('a CA that is replaced is used for new connections', async (t) => {
  const { endpoint, folder, write } = setUp(t)
  const caFile = join(folder, 'ca.crt')
  write({ cluster: { 'certificate-authority': caFile } })
  const first = await endpoint.current()
  t.equal((await endpoint.current()).agent, first.agent)
  t.ok(first.agent instanceof Agent)
  writeFileSync(caFile, authority())
  t.not((await endpoint.current()).agent, first.agent)
})

t.test('user and password, a proxy, and a server without TLS are supported', async (t) => {
  const { endpoint, write } = setUp(t, { user: { username: 'me', password: 'secret' } })
  t.equal((await endpoint.current()).headers['Authorization'], `Basic ${btoa('me:secret')}`)
  write({ cluster: { 'proxy-url': 'http://proxy.example:3128' } })
  endpoint.renew()
  t.match((await endpoint.current()).agent.constructor.name, /Proxy/)
  write({ cluster: { server: 'http://127.0.0.1:8001', 'insecure-skip-tls-verify': true } })
  endpoint.renew()
  t.notOk((await endpoint.current()).agent instanceof Agent)
})

t.test('an unusable configuration is reported at the start, with the fix', async (t) => {
  const { endpoint, folder, write } = setUp(t, { cluster: { 'certificate-authority': '/nowhere/ca.crt' } })
  await t.rejects(endpoint.current(), {
    code: 'cluster-live-unconfigured',
    message: /\/nowhere\/ca\.crt.*\$KUBECONFIG/,
  })
  write({ cluster: { server: 'http://127.0.0.1:8001' } })
  endpoint.renew()
  await t.rejects(endpoint.current(), { code: 'cluster-live-unconfigured' })
  setEnvironment(t, { KUBECONFIG: join(folder, 'missing') })
  endpoint.renew()
  await t.rejects(endpoint.current(), /ENOENT/)
  writeFileSync(join(folder, 'missing'), '{"current-context":"x"}')
  await t.rejects(endpoint.current(), RemoraError)
  setEnvironment(t, { KUBECONFIG: '', HOME: folder })
  const cluster = new LiveCluster({ snapshot: { istiodEnv: [], istioVersions: [] } })
  await t.rejects(cluster.start(new AbortController().signal), {
    code: 'cluster-live-unconfigured',
    message: /neither a kubeconfig nor a ServiceAccount/,
  })
  await cluster.close()
})
