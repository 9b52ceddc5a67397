/** The executable: a recording server, its socket, and a replay without its cluster. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { CLUSTER_FOLDER, reviewOf } from '../capture/capture-fixture.ts'
import { ask } from '../server/harness.ts'
import { waitUntil } from '../wait-until.ts'
import { REVIEW, run, serve } from './process.ts'

const SECRET = 'keep-secret'

/** A socket's path must be short, which those of the test runner's folders may not be. */
function captureFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'remora-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return join(folder, 'capture')
}

t.test('a capture is narrowed and replayed', async (t) => {
  const folder = captureFolder(t)
  const server = await serve(t, ['--capture', folder])
  const pod = {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', env: [{ name: 'PASSWORD', value: SECRET }] }] },
  }
  const admin = async (...args: string[]) => {
    const { out, err, code } = await run(['admin', 'capture', ...args, '--capture', folder]).ended
    t.equal(code, 0, err)
    return out
  }
  await ask({ port: server.port, ca: server.ca, body: REVIEW })
  await ask({ port: server.port, ca: server.ca, body: reviewOf(pod, 'shop') })
  await waitUntil('two records', async () => /recorded {2}2/.test(await admin('status')))
  t.match(await admin('status'), /^recording in [\s\S]*recorded {2}2, dropped 0[\s\S]*filter {4}everything/)
  // The socket of the whole server says the same.
  const ports = ['--metrics-port', String(server.healthPort)]
  t.match((await run(['admin', 'capture', 'status', ...ports]).ended).out, /recorded {2}2/)
  t.match(await admin('stop'), /^stopped/)
  t.match(await admin('start'), /^recording/)
  const narrowed = await admin(
    'narrow',
    '--capture-namespace',
    'payments',
    '--capture-sample',
    '50',
    '-o',
    'json',
  )
  t.match(JSON.parse(narrowed), { narrowed: { namespaces: ['payments'], samplePercent: 50 }, raw: false })
  t.match(await admin('status'), /narrowed {2}namespace payments; 50%/)
  t.equal(statSync(join(folder, 'admin')).mode & 0o777, 0o700)
  t.equal(statSync(join(folder, 'admin/socket')).mode & 0o777, 0o600)

  const metrics = await (await fetch(`http://127.0.0.1:${server.healthPort}/metrics`)).text()
  t.match(metrics, /^remora_capture_reviews_total 2$/m)
  t.match(metrics, /^remora_capture_dropped_total 0$/m)
  server.child.kill('SIGTERM')
  await server.ended
  const written = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  const bytes = written.map((name) => readFileSync(join(folder, name), 'utf8')).join('')
  for (const text of [bytes, metrics, server.output()]) t.notMatch(text, SECRET)
  t.match(bytes, /"redacted":true/)

  const same = await run(['replay', folder]).ended
  t.equal(same.code, 0, same.err)
  t.match(same.out, /^2 reviews: 2 same, 0 differ\n/)
  const other = await run(['replay', folder, '--cluster', CLUSTER_FOLDER, '-o', 'json']).ended
  t.equal(JSON.parse(other.out).reviews, 2)
})

t.test('the socket accepts nothing that widens a capture', async (t) => {
  const folder = captureFolder(t)
  await serve(t, ['--capture', folder])
  const { createConnection } = await import('node:net')
  const say = (line: string) =>
    new Promise<string>((resolve) => {
      const socket = createConnection(join(folder, 'admin/socket'))
      let text = ''
      socket.setEncoding('utf8')
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('error', () => resolve(text))
      socket.on('close', () => resolve(text))
      socket.write(line)
    })
  for (const line of [
    'nonsense\n',
    '{}\n',
    '{"action":"raw"}\n',
    '{"action":"narrow"}\n',
    '{"action":"narrow","filter":{}}\n',
  ])
    t.match(JSON.parse(await say(line)), { error: /expected (?:an action|one JSON object)/ })
  const status = JSON.parse(await say('{"action":"start","raw":true,"folder":"/","maxReviews":1000000}\n'))
  t.match(status, { raw: false, folder, maxReviews: 1000 })
  t.equal(await say('x'.repeat(70_000)), '', 'an endless line ends the connection')
})

t.test('the exit code is 2 without a result, and 1 if answers differ', async (t) => {
  const folder = t.testdir({
    'a.json': JSON.stringify({ ...JSON.parse(REVIEW), response: { allowed: false } }),
    'b.jsonl': 'nothing',
    capture: {},
  })
  const code = async (...args: string[]) => {
    const { code, err, out } = await run(args).ended
    return `${code} ${err}${out}`
  }
  const rows: readonly (readonly [args: readonly string[], output: RegExp])[] = [
    [['replay', join(folder, 'a.json'), '--cluster', CLUSTER_FOLDER], /^1 /],
    [['replay', join(folder, 'a.json')], /^2 [\s\S]*--cluster/],
    [['replay', join(folder, 'b.jsonl')], /^2 [\s\S]*b\.jsonl, line 1/],
    [['replay', join(folder, 'none')], /^2 [\s\S]*none: there is no such file or folder\n/],
    [['replay'], /^2 [\s\S]*FILE\|DIR/],
    [['replay', join(folder, 'a.json'), '--only', 'nothing'], /^2 [\s\S]*no review with that id/],
    [['replay', '--help'], /^0 [\s\S]*FILE\|DIR/],
    [['admin', 'capture', 'widen', '--capture', folder], /^2 [\s\S]*status\|start\|stop\|narrow/],
    [
      ['admin', 'capture', 'status', '--capture', join(folder, 'capture')],
      /^2 [\s\S]*expected the admin socket of a running server/,
    ],
    [['admin', '--help'], /^0 /],
  ]
  const runs = rows.map(([args, output]) => ({ args, output, ended: code(...args) }))
  for (const { args, output, ended } of runs) t.match(await ended, output, args.join(' '))
})
