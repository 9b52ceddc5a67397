import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { ask } from '../server/harness.ts'
import { waitUntil } from '../wait-until.ts'
import { REVIEW, run, serve } from './process.ts'

t.test('an invalid command line exits with 2 and a one-line message', async (t) => {
  const cases: [readonly string[], RegExp][] = [
    [['frobnicate'], /^remora: unknown command "frobnicate": there are serve, inject, [a-z, -]*, help\n$/],
    [['serve'], /^remora: --cluster DIR\|live is missing[^\n]*\n$/],
    [['serve', '--cluster', 'x', '--port', 'y'], /^remora: --port: "y" is not a whole number[^\n]*\n$/],
    [
      ['serve', '--cluster', 'x', '--tls-key-file', 'y'],
      /^remora: --tls-cert-file and --tls-key-file must be used together[^\n]*\n$/,
    ],
    [
      ['serve', '--cluster', 'x', '--max-body-bytes', '64Mi'],
      /^remora: --max-buffered-bytes must be[^\n]*\n$/,
    ],
    [
      ['serve', '--cluster', 'x', '--port', '9090'],
      /^remora: --port and --metrics-port are both 9090: use different[^\n]*\n$/,
    ],
    [['help', 'frobnicate'], /^remora: unknown command[^\n]*\n$/],
  ]
  const runs = cases.map(([args, line]) => ({ args, line, ended: run(args).ended }))
  for (const { args, line, ended } of runs) {
    const { code, out, err } = await ended
    t.match(err.slice(err.indexOf('remora:')), line, args.join(' '))
    t.notMatch(out, /"level":(?:50|60)/)
    t.equal(code, 2, args.join(' '))
  }
})

t.test('a missing folder or certificate exits with 2 and a one-line message', async (t) => {
  const folder = t.testdir({ cluster: {} })
  const ports = ['--port', '0', '--metrics-port', '0']
  const certificates = ['--cert-dir', join(folder, 'certs')]
  const files = ['--tls-cert-file', join(folder, 'a'), '--tls-key-file', join(folder, 'b')]
  const [missing, unreadable] = await Promise.all([
    run(['serve', '--cluster', join(folder, 'nowhere'), ...certificates, ...ports]).ended,
    run(['serve', '--cluster', join(folder, 'cluster'), ...files, ...ports]).ended,
  ])
  t.match(missing, { code: 2, err: /^remora: [^\n]*nowhere[^\n]*\n$/ })
  t.match(unreadable, {
    code: 2,
    err: /^remora: cannot read [^\n]*\/a: there is no such file or folder \(ENOENT\)\n$/,
  })
})

t.test('a port in use is reported in one line that names the option', async (t) => {
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
  // The first makes the certificates that all of them serve with.
  t.match(await run([...args, '--port', String(port)]).ended, {
    code: 2,
    err: /^remora: cannot listen: 127\.0\.0\.1:\d+: the address is in use by another process \(EADDRINUSE\); --port chooses another port \(0 selects a free port\)\n$/,
  })
  const [metricsTaken, noAddress] = await Promise.all([
    run([...args, '--metrics-port', String(port)]).ended,
    run([...args, '--host', '192.0.2.1', '--port', '0']).ended,
  ])
  t.match(metricsTaken, {
    code: 2,
    err: /^remora: cannot listen: 127\.0\.0\.1:\d+: the address is in use by another process \(EADDRINUSE\); --metrics-port chooses another port[^\n]*\n$/,
  })
  t.match(noAddress, {
    code: 2,
    err: /^remora: cannot listen: 192\.0\.2\.1: the address does not belong to this machine \(EADDRNOTAVAIL\); --host chooses the address\n$/,
  })
  taken.close()
})

t.test('help and version exit with 0, and a missing command exits with 2', async (t) => {
  const expected: readonly (readonly [args: readonly string[], ended: object])[] = [
    [['--help'], { code: 0, out: /Commands:\n {2}serve/ }],
    [['help', 'serve'], { code: 0, out: /--keep-alive-timeout DURATION/ }],
    [['inject', '--help'], { code: 0, out: /-f, --filename FILE\|-/ }],
    [['version'], { code: 0, out: /^remora \d+\.\d+\.\d+ \(Node / }],
    [[], { code: 2, err: /Usage:/ }],
  ]
  const runs = expected.map(([args, ended]) => ({ args, expected: ended, ended: run(args).ended }))
  for (const one of runs) t.match(await one.ended, one.expected, one.args.join(' '))
})

t.test('a version of Node that is too old is reported before anything else is loaded', async (t) => {
  const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})"
  t.match(await run(['version'], { nodeArgs: ['--import', pretend] }).ended, {
    code: 2,
    out: '',
    err: /^remora: Node 20\.1\.0 is too old: 22\.19 or newer is needed[^\n]*node_modules\/\.bin\/node\n$/,
  })
})

t.test('the server answers reviews, reports its status, and stops on request', async (t) => {
  const server = await serve(t)
  const { port, ca, healthPort } = server
  t.match(server.output(), /curl --cacert .*ca\.crt/)
  t.match(
    server.output(),
    /\n +-d '\{.*\}' \\\n +https:\S+\n/,
    'no line break inside the command, so that it can be pasted',
  )
  const answer = await ask({ port, ca, body: REVIEW })
  t.equal(answer.status, 200)
  t.match(JSON.parse(answer.text), {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'u-1', allowed: true },
  })
  const ready = await fetch(`http://127.0.0.1:${healthPort}/readyz`)
  t.equal(ready.status, 200)
  t.same(
    Object.keys(Object(await ready.json())),
    ['ready', 'version'],
    'the unauthenticated endpoint reveals no more',
  )
  const status = await run(['status', '--metrics-port', String(healthPort), '-o', 'json']).ended
  t.equal(status.code, 0, status.err)
  t.match(JSON.parse(status.out), {
    ready: true,
    cluster: { synced: true },
    revisions: [],
    certificate: { notAfter: String },
  })
  t.match(server.output(), /State: remora status --admin-socket \S+/)
  server.child.kill('SIGTERM')
  t.match(await server.ended, { code: 0, out: /"msg":"decision"[\s\S]*"msg":"stopped"/, err: '' })
})

t.test('a second signal stops the server at once', async (t) => {
  const server = await serve(t, ['--drain-delay', '60s'])
  server.child.kill('SIGTERM')
  await waitUntil('the first signal', () => server.output().includes('"drainDelayMs"'))
  server.child.kill('SIGTERM')
  const ended = await server.ended
  t.match(ended, { code: 1, out: /second signal/ })
  t.match(ended.out, /"drainDelayMs":60000,"hint":"keeps serving for 60 s \(--drain-delay\); a second Ctrl-C/)
})

t.test('invalid bodies are answered with the reason, and with the UID if it can be read', async (t) => {
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
    ['revision', { body: REVIEW, path: '/revisions/missing/inject' }, 503, 'u-1'],
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
