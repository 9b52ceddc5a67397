import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { ask, authority, dial, read, servingPair } from '../server/harness.ts'

const main = resolve(import.meta.dirname, '../../src/main.ts')

interface Run {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
  readonly output: () => string
}

function run(
  args: readonly string[],
  options: { readonly nodeArgs?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Run {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }))
  })
  return { child, ended, output: () => out + err }
}

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
const REVIEW = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u-1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'shop',
    operation: 'CREATE',
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }] } },
  },
})

interface Serving extends Run {
  readonly port: number
  readonly healthPort: number
  readonly folder: string
  readonly ca: string
}

/** With its certificates and its cluster in a folder of the test. */
async function serve(t: Test, args: readonly string[] = []): Promise<Serving> {
  const folder = t.testdir({ cluster: { 'ns.json': JSON.stringify(NAMESPACE) } })
  const started = run(
    [
      'serve',
      '--cluster',
      join(folder, 'cluster'),
      '--port',
      '0',
      '--metrics-port',
      '0',
      '--cert-dir',
      join(folder, 'certs'),
      ...args,
    ],
    { env: { REMORA_DRAIN_DELAY: '0' } },
  )
  t.teardown(() => started.child.kill('SIGKILL'))
  for (let i = 0; i < 200; i++) {
    const match = /"url":"https:\/\/[^"]*?:(\d+)","health":"http:\/\/[^"]*?:(\d+)"/.exec(started.output())
    if (match !== null) {
      const ca = args.includes('--tls-cert-file')
        ? authority.certificate
        : readFileSync(join(folder, 'certs/ca.crt'), 'utf8')
      return { ...started, port: Number(match[1]), healthPort: Number(match[2]), folder, ca }
    }
    await sleep(50)
  }
  throw new Error(`not serving: ${started.output()}`)
}

t.test('what is wrong with the command line is one line, and the exit code 2', async (t) => {
  const cases: [readonly string[], RegExp][] = [
    [['frobnicate'], /^remora: unknown command "frobnicate": there are serve, inject, version, help\n$/],
    [['serve'], /^remora: --cluster DIR\|live is missing[^\n]*\n$/],
    [['serve', '--cluster', 'x', '--port', 'y'], /^remora: --port: "y" is not a whole number[^\n]*\n$/],
    [
      ['serve', '--cluster', 'x', '--tls-key-file', 'y'],
      /^remora: --tls-cert-file and --tls-key-file go together[^\n]*\n$/,
    ],
    [
      ['serve', '--cluster', 'x', '--max-body-bytes', '64Mi'],
      /^remora: --max-buffered-bytes must be[^\n]*\n$/,
    ],
    [['help', 'frobnicate'], /^remora: unknown command[^\n]*\n$/],
  ]
  for (const [args, line] of cases) {
    const { code, out, err } = await run(args).ended
    t.match(err.slice(err.indexOf('remora:')), line, args.join(' '))
    t.notMatch(out, /"level":(?:50|60)/)
    t.equal(code, 2, args.join(' '))
  }
})

t.test('a folder or certificate that is not there is one line, and the exit code 1', async (t) => {
  const folder = t.testdir({ cluster: {} })
  const ports = ['--port', '0', '--metrics-port', '0']
  const missing = await run([
    'serve',
    '--cluster',
    join(folder, 'nowhere'),
    '--cert-dir',
    join(folder, 'certs'),
    ...ports,
  ]).ended
  t.match(missing, { code: 1, err: /^remora: [^\n]*nowhere[^\n]*\n$/ })
  const files = ['--tls-cert-file', join(folder, 'a'), '--tls-key-file', join(folder, 'b')]
  const unreadable = await run(['serve', '--cluster', join(folder, 'cluster'), ...files, ...ports]).ended
  t.match(unreadable, { code: 1, err: /^remora: cannot read the certificate: [^\n]*\n$/ })
})

t.test('a port that is taken is one line', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const folder = t.testdir({ cluster: {} })
  const args = [
    'serve',
    '--cluster',
    join(folder, 'cluster'),
    '--cert-dir',
    join(folder, 'certs'),
    '--metrics-port',
    '0',
  ]
  t.match(await run([...args, '--port', String(port)]).ended, {
    code: 1,
    err: /^remora: listen EADDRINUSE[^\n]*\n$/,
  })
  taken.close()
})

t.test('help and version', async (t) => {
  t.match(await run(['--help']).ended, { code: 0, out: /Commands:\n {2}serve/ })
  t.match(await run(['help', 'serve']).ended, { code: 0, out: /--keep-alive-timeout DURATION/ })
  t.match(await run(['inject', '--help']).ended, { code: 0, out: /-f, --filename FILE\|-/ })
  t.match(await run(['version']).ended, { code: 0, out: /^remora \d+\.\d+\.\d+ \(Node / })
  t.match(await run([]).ended, { code: 2, err: /Usage:/ })
})

t.test('an old Node is told so before anything else is loaded', async (t) => {
  const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})"
  t.match(await run(['version'], { nodeArgs: ['--import', pretend] }).ended, {
    code: 2,
    out: '',
    err: /^remora: Node 20\.1\.0 is too old: 22\.19 or newer is needed[^\n]*node_modules\/\.bin\/node\n$/,
  })
})

t.test('the server answers reviews, says how it is, and ends when told to', async (t) => {
  const server = await serve(t)
  const { port, ca, healthPort } = server
  t.match(server.output(), /curl --cacert .*ca\.crt/)
  const answer = await ask({ port, ca, body: REVIEW })
  t.equal(answer.status, 200)
  t.match(JSON.parse(answer.text), {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u-1', allowed: true },
  })
  const ready = await fetch(`http://127.0.0.1:${healthPort}/readyz`)
  t.equal(ready.status, 200)
  t.match(await ready.json(), {
    ready: true,
    cluster: { synced: true },
    revisions: [],
    certificate: { notAfter: String },
  })
  server.child.kill('SIGTERM')
  t.match(await server.ended, { code: 0, out: /"msg":"decision"[\s\S]*"msg":"stopped"/, err: '' })
})

t.test('while it drains it is unready and still answers', async (t) => {
  const server = await serve(t, ['--drain-delay', '1s'])
  server.child.kill('SIGTERM')
  await sleep(150)
  const ready = await fetch(`http://127.0.0.1:${server.healthPort}/readyz`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { ready: false, reason: 'shutting down' })
  t.match(await ask({ port: server.port, ca: server.ca, body: REVIEW }), { status: 200 })
  t.match(await server.ended, { code: 0 })
})

t.test('a second signal ends it at once', async (t) => {
  const server = await serve(t, ['--drain-delay', '60s'])
  server.child.kill('SIGTERM')
  await sleep(100)
  server.child.kill('SIGTERM')
  t.match(await server.ended, { code: 1, out: /second signal/ })
})

t.test('bad bodies get answers that say what is wrong, with the UID where one can be read', async (t) => {
  const { port, ca } = await serve(t, ['--max-body-bytes', '4Ki'])
  const large = REVIEW.replace('"shop"', `"shop${' '.repeat(5000)}"`)
  const cases: [
    string,
    { path?: string; method?: string; body?: string; type?: string },
    number,
    string | undefined,
  ][] = [
    ['empty', { body: '' }, 400, undefined],
    ['truncated', { body: REVIEW.slice(0, -20) }, 400, undefined],
    ['no review', { body: '{"kind":"Pod"}' }, 400, undefined],
    ['no request', { body: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}' }, 400, undefined],
    ['text', { body: REVIEW, type: 'text/plain' }, 415, 'u-1'],
    ['path', { body: REVIEW, path: '/other' }, 404, 'u-1'],
    ['too large', { body: large }, 413, undefined],
    ['method', { method: 'PUT', body: REVIEW }, 405, 'u-1'],
    ['revision', { body: REVIEW, path: '/revisions/nobody/inject' }, 503, 'u-1'],
  ]
  for (const [
    name,
    { path = '/inject', method = 'POST', body = '', type = 'application/json' },
    status,
    uid,
  ] of cases) {
    const got = await ask({ port, ca, path, method, body, headers: { 'content-type': type } })
    t.equal(got.status, status, name)
    const answer: unknown = JSON.parse(got.text)
    t.match(
      answer,
      { kind: 'AdmissionReview', response: { allowed: false, status: { message: String } } },
      name,
    )
    if (uid !== undefined) t.match(answer, { response: { uid } }, name)
    if (status === 503) t.equal(got.headers['retry-after'], '1')
  }
  for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
    t.match(await ask({ port, ca, body: REVIEW, headers: { 'content-type': type } }), { status: 200 }, type)
  }
})

t.test('mounted certificates are swapped while serving, and a client CA is demanded', async (t) => {
  const folder = t.testdir({ cluster: {}, tls: {} })
  const store = (pair: { certificate: string; key: string }) => {
    writeFileSync(join(folder, 'tls/tls.crt'), pair.certificate)
    writeFileSync(join(folder, 'tls/tls.key'), pair.key)
  }
  mkdirSync(join(folder, 'ca'))
  writeFileSync(join(folder, 'ca/ca.crt'), authority.certificate)
  store(servingPair('before'))
  const { issueClient } = await import('../../src/certs/index.ts')
  const { validFor } = await import('../server/harness.ts')
  const client = issueClient(authority, { commonName: 'apiserver', ...validFor(2) })
  const started = run([
    'serve',
    '--cluster',
    join(folder, 'cluster'),
    '--port',
    '0',
    '--metrics-port',
    '0',
    '--tls-cert-file',
    join(folder, 'tls/tls.crt'),
    '--tls-key-file',
    join(folder, 'tls/tls.key'),
    '--client-ca-file',
    join(folder, 'ca/ca.crt'),
    '--drain-delay',
    '0',
  ])
  t.teardown(() => started.child.kill('SIGKILL'))
  let port = 0
  for (let i = 0; i < 200 && port === 0; i++) {
    port = Number(/"url":"https:\/\/[^"]*?:(\d+)"/.exec(started.output())?.[1] ?? 0)
    await sleep(50)
  }
  const identity = { cert: client.certificate, key: client.key }
  t.match(await ask({ port, body: REVIEW, ...identity }), { status: 200 })
  await t.rejects(ask({ port, body: REVIEW }))
  const old = await dial(port, identity)
  store(servingPair('after'))
  let name = ''
  for (let i = 0; i < 150 && name !== 'after'; i++) {
    const socket = await dial(port, identity)
    name = String(socket.getPeerCertificate().subject.CN)
    socket.destroy()
    await sleep(100)
  }
  t.equal(name, 'after')
  old.write(
    `POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${REVIEW.length}\r\n\r\n${REVIEW}`,
  )
  t.match((await read(old, (text) => text.includes('"u-1"'))).text, /^HTTP\/1.1 200 /)
  old.destroy()
})
