/** The server as a process: its metrics, its reaction to signals, and its exit after an error. */
import { writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { ask } from '../server/harness.ts'
import { waitUntil } from '../wait-until.ts'
import { portsOf, REVIEW, run, serve } from './process.ts'

t.test('/metrics counts answered reviews', async (t) => {
  const { port, ca, healthPort } = await serve(t)
  await ask({ port, ca, body: REVIEW })
  await ask({ port, ca, body: REVIEW, path: '/revisions/no-such-revision/inject' })
  await ask({ port, ca, body: '{' })
  const answer = await fetch(`http://127.0.0.1:${healthPort}/metrics`)
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const text = await answer.text()
  for (const line of [
    'sidecar_injection_requests_total 3',
    'sidecar_injection_success_total 0',
    'sidecar_injection_skip_total 1',
    'sidecar_injection_failure_total 2',
    'sidecar_injection_time_seconds_count 2',
    'remora_admissions_total{revision="none",result="skipped",code="no-labels"} 1',
    'remora_admissions_total{revision="unknown",result="fault",code="revision-unknown"} 1',
    'remora_admissions_total{revision="none",result="malformed",code="body-not-json"} 1',
    'remora_in_flight_requests 0',
    'remora_state_age_seconds{resource="folder"} 0',
  ]) {
    t.ok(text.split('\n').includes(line), line)
  }
  t.match(text, /^remora_certificate_expiry_timestamp_seconds 1\.?\d{9}/m)
  t.notMatch(text, /no-such-revision/)
})

t.test(
  'on SIGTERM the server is unready and keeps serving, and each response closes its connection',
  async (t) => {
    const server = await serve(t, ['--drain-delay', '1h'])
    const { port, ca } = server
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => agent.destroy())
    t.match(await ask({ port, ca, body: REVIEW, agent }), {
      status: 200,
      headers: { connection: 'keep-alive' },
    })
    server.child.kill('SIGTERM')
    const readiness = () => fetch(`http://127.0.0.1:${server.healthPort}/readyz`)
    await waitUntil('unready', async () => (await readiness()).status === 503)
    t.match(await (await readiness()).json(), { ready: false, reason: 'shutting down' })
    // Each on a new connection, since the answer before closed its own.
    for (let i = 0; i < 5; i++)
      t.match(await ask({ port, ca, body: REVIEW, agent }), { status: 200, headers: { connection: 'close' } })
    server.child.kill('SIGTERM')
    t.match(await server.ended, { code: 1, err: '' }, 'the second signal does not wait for the delay')
  },
)

t.test('a changed label in the folder is logged, and so is a folder without a revision', async (t) => {
  const server = await serve(t)
  t.match(server.output(), /"code":"revisions-missing","problem":"no revision was found/)
  const labels = { 'istio.io/rev': 'canary' }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } }
  writeFileSync(join(server.folder, 'cluster/ns.json'), JSON.stringify(namespace))
  const line = /"files":\["ns\.json"\],"namespaces":\["shop"\],"msg":"cluster changed"/
  await waitUntil('the line', () => line.test(server.output()))
  t.pass()
})

t.test('an uncaught error is logged once and ends the process', async (t) => {
  for (const [name, code] of [
    ['thrown', "process.on('SIGUSR2',()=>{throw new Error('broken inside')})"],
    ['rejected', "process.on('SIGUSR2',()=>{Promise.reject(new Error('broken inside'))})"],
  ] as const) {
    const folder = t.testdir({ cluster: {} })
    const args = ['--cluster', `${folder}/cluster`, '--cert-dir', `${folder}/certs`]
    const server = run(['serve', ...args, '--port', '0', '--metrics-port', '0'], {
      nodeArgs: ['--import', `data:text/javascript,${code}`],
    })
    await portsOf(server)
    server.child.kill('SIGUSR2')
    const { code: exitCode, out, err } = await server.ended
    t.equal(exitCode, 1, name)
    t.equal(out.split('"msg":"uncaught error"').length, 2, `${name}: once`)
    t.match(out, /"level":60[^\n]*broken inside[^\n]*\n$/, name)
    t.equal(err, '', name)
  }
})
