/** `remora status`: the state of a server over its socket, as text and as JSON, and the exit code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import { serveState } from '../admin/serve-state.ts'
import { runCommand } from './run-command.ts'

const STATE: JsonObject = {
  ready: true,
  version: '1.2.3',
  cluster: {
    source: 'live',
    synced: true,
    staleForMs: 12,
    resources: [{ resource: 'namespaces', objects: 3, synced: true }],
  },
  revisions: [
    { name: 'default', namespace: 'istio-system', istioVersion: '1.28.3', state: 'current' },
    { name: 'canary', namespace: 'istio-system', state: 'unusable', problem: { code: 'config-invalid' } },
  ],
  tags: [],
  problems: [{ code: 'config-invalid', message: 'ConfigMap istio-system/x' }],
  later: 'a field of a newer server',
}

t.test('status prints the state of a ready server', async (t) => {
  const path = await serveState(t, STATE)
  const { code, out, err } = await runCommand('status', '--admin-socket', path)
  t.match({ code, err }, { code: 0, err: '' })
  t.equal(
    out,
    [
      'ready (Remora 1.2.3)',
      '',
      'cluster',
      '  source: live',
      '  synced: true',
      '  stale for ms: 12',
      '  resources',
      '    RESOURCE    OBJECTS  SYNCED',
      '    namespaces  3        true',
      '',
      'revisions',
      '  NAME     NAMESPACE     ISTIO VERSION  STATE     PROBLEM',
      '  default  istio-system  1.28.3         current   -',
      '  canary   istio-system  -              unusable  code: config-invalid',
      '',
      'tags',
      '  none',
      '',
      'problems',
      '  CODE            MESSAGE',
      '  config-invalid  ConfigMap istio-system/x',
      '',
      'later: a field of a newer server',
      '',
    ].join('\n'),
  )
  const json = await runCommand('status', '--admin-socket', path, '-o', 'json')
  t.equal(json.code, 0)
  t.same(JSON.parse(json.out), STATE)
})

t.test('status prints why a server is not ready', async (t) => {
  const path = await serveState(t, { ...STATE, ready: false, reason: 'shutting down' })
  const { code, out } = await runCommand('status', '--admin-socket', path)
  t.equal(code, 1)
  t.match(out, /^not ready: shutting down \(Remora 1\.2\.3\)\n/)
  t.equal((await runCommand('status', '--admin-socket', path, '-o', 'json')).code, 1)
})

t.test('without a server on the socket, the error says how to fix it', async (t) => {
  const { code, out, err } = await runCommand('status', '--admin-socket', '/nowhere/admin.sock')
  t.match(
    { code, out, err },
    {
      code: 2,
      out: '',
      err: /^remora: \/nowhere\/admin\.sock: there is no such socket; expected the admin socket of a running server: [^\n]*--admin-socket FILE or --metrics-port PORT[^\n]*\n$/,
    },
  )
  t.notMatch(err, /ENOENT|connect/)
  const folder = mkdtempSync(join(tmpdir(), 'remora-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.sock'), '')
  for (const [name, why] of [
    ['a.sock', /a\.sock: (?:no server listens there|this file is not a socket); expected the admin socket/],
    ['a.sock/b', /b: there is no such socket; /],
    ['x'.repeat(200), /x: the path is too long for a socket; /],
  ] as const)
    t.match(await runCommand('status', '--admin-socket', join(folder, name)), { code: 2, err: why })
  for (const [typed, named] of [
    ['--stale', '--stale'],
    ['--pods', '--pods'],
    ['--workloads', '--workloads'],
    ['--findings', '--findings'],
    ['--fail-on stale', '--fail-on'],
    ['-n shop', '--namespace'],
    ['-A', '--all-namespaces'],
    ['--revision canary', '--revision'],
    ['--context staging', '--context'],
    ['-o wide', '--output wide'],
  ] as const)
    t.match(await runCommand('status', ...typed.split(' ')), {
      code: 2,
      out: '',
      err: `${named} needs --cluster: "live" for the cluster that kubectl uses, or a folder of manifests; `,
    })
  const byPort = await runCommand('status', '--metrics-port', '1')
  t.match(byPort, { code: 2, err: /\/1\.sock/ })
})
