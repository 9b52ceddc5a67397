/** The script of `helm test`, run as a process against a fake API server and webhook. */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { IssuedPair } from '../../src/certs/index.ts'
import { issueAuthority, issueServing } from '../../src/certs/issue.ts'
import { chart } from './helm.ts'

const HOUR_MS = 3_600_000
const script = join(chart, 'files/helm-test/ask.mjs')

interface Answer {
  readonly status: number
  readonly body: (request: { readonly uid: string; readonly path: string }) => object
}
type Answering = (path: string, headers: IncomingMessage['headers'], body: string) => Answer

function listen(t: Test, pair: IssuedPair, answer: Answering): Promise<number> {
  const server: Server = createServer({ cert: pair.certificate, key: pair.key }, (request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const path = request.url ?? ''
      const { status, body: answered } = answer(path, request.headers, body)
      const uid: string = body === '' ? '' : JSON.parse(body).request.uid
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answered({ uid, path })))
    })
  })
  t.teardown(() => server.close())
  return new Promise((resolve) => {
    // A server on an address and port has no pipe's name.
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

interface Rig {
  run(names: string): Promise<{ readonly status: number | null; readonly output: string }>
  readonly asked: string[]
}

const patch = Buffer.from('[{"op":"add","path":"/metadata/labels","value":{}}]').toString('base64')
const injected: Answer = {
  status: 200,
  body: ({ uid }) => ({ response: { uid, allowed: true, patchType: 'JSONPatch', patch } }),
}

async function startRig(t: Test, webhookAnswer: (path: string) => Answer, trusted = true): Promise<Rig> {
  const validity = { notBefore: new Date(Date.now() - HOUR_MS), notAfter: new Date(Date.now() + HOUR_MS) }
  const authority = issueAuthority({ commonName: 'test', ...validity })
  const other = trusted ? authority : issueAuthority({ commonName: 'other', ...validity })
  const serve = (names: readonly string[]) =>
    issueServing(authority, { commonName: 'server', names: [...names], ...validity })
  const asked: string[] = []
  const webhook = await listen(t, serve(['remora.remora-system.svc']), (path, headers, body) => {
    const review = JSON.parse(body)
    asked.push(`${headers.host} ${path} ${review.request.object.kind}`)
    return webhookAnswer(path)
  })
  const clientConfig = (path: string) => ({
    service: { name: 'remora', namespace: 'remora-system', path, port: 443 },
    caBundle: Buffer.from(other.certificate).toString('base64'),
  })
  const configurations = new Map<string, object>([
    [
      'a',
      {
        webhooks: [
          { clientConfig: clientConfig('/revisions/a/inject') },
          { clientConfig: clientConfig('/revisions/a/inject') },
        ],
      },
    ],
    ['b', { webhooks: [{ clientConfig: clientConfig('/tags/b/inject') }] }],
    ['empty', { webhooks: [{ clientConfig: { ...clientConfig('/tags/e/inject'), caBundle: undefined } }] }],
  ])
  const api = await listen(t, serve(['127.0.0.1']), (path, headers) => {
    const found = configurations.get(path.split('/').at(-1) ?? '')
    if (headers.authorization !== 'Bearer secret') return { status: 401, body: () => ({ code: 401 }) }
    if (found === undefined) return { status: 404, body: () => ({ code: 404 }) }
    return { status: 200, body: () => found }
  })
  const account = join(t.testdir(), 'account')
  mkdirSync(account)
  writeFileSync(join(account, 'token'), 'secret\n')
  writeFileSync(join(account, 'ca.crt'), authority.certificate)
  const run: Rig['run'] = (names) =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [script], {
        env: {
          REMORA_TEST_CONFIGURATIONS: names,
          REMORA_TEST_API: `https://127.0.0.1:${api}`,
          REMORA_TEST_ADDRESS: `127.0.0.1:${webhook}`,
          REMORA_TEST_ACCOUNT: account,
          REMORA_TEST_WAIT_SECONDS: '0',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let output = ''
      const collect = (chunk: Buffer): void => {
        output += chunk.toString()
      }
      child.stdout.on('data', collect)
      child.stderr.on('data', collect)
      child.on('close', (status) => resolve({ status, output }))
    })
  return { run, asked }
}

t.test(
  'the test script sends a review to every path once, as the API server would, and reports it',
  async (t) => {
    const { run, asked } = await startRig(t, () => injected)
    const { status, output } = await run('a,b')
    t.equal(status, 0, output)
    t.same(asked, [
      'remora.remora-system.svc /revisions/a/inject?timeout=10s Pod',
      'remora.remora-system.svc /tags/b/inject?timeout=10s Pod',
    ])
    t.match(output, /ok +a: \/revisions\/a\/inject: a patch of 1 operations\n/)
    t.match(output, /every registered path injects/)
  },
)

t.test('the test script reads the reason of a permanent fault from a v1 Status', async (t) => {
  const permanent = await startRig(t, () => ({
    status: 503,
    body: () => ({ kind: 'Status', apiVersion: 'v1', message: 'revision unusable', code: 503 }),
  }))
  t.match(await permanent.run('a'), { status: 1, output: /failed +a: HTTP 503: revision unusable\n/ })
})

t.test('the test script fails with the reason and still tests the other paths', async (t) => {
  const { run } = await startRig(t, (path) =>
    path.startsWith('/tags')
      ? injected
      : {
          status: 503,
          body: ({ uid }) => ({ response: { uid, allowed: false, status: { message: 'revision unknown' } } }),
        },
  )
  const { status, output } = await run('a,empty,missing,b')
  t.equal(status, 1)
  t.match(output, /failed +a: HTTP 503: revision unknown/)
  t.match(output, /failed +empty: its caBundle is empty/)
  t.match(output, /failed +missing: the API server responds with 404/)
  t.match(output, /ok +b: /)
  t.match(output, /3 registered configurations do not inject/)
})

t.test('an answer without a patch, for another review, or with an untrusted certificate fails', async (t) => {
  const without = await startRig(t, () => ({
    status: 200,
    body: ({ uid }) => ({ response: { uid, allowed: true } }),
  }))
  t.match(await without.run('b'), { status: 1, output: /without a sidecar/ })
  const wrong = await startRig(t, () => ({
    status: 200,
    body: () => ({ response: { uid: 'x', allowed: true } }),
  }))
  t.match(await wrong.run('b'), { status: 1, output: /another review/ })
  const untrusted = await startRig(t, () => injected, false)
  t.match(await untrusted.run('b'), { status: 1, output: /certificate|signature/ })
})
