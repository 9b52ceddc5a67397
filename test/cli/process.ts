/** The executable in separate processes, for tests. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { Test } from 'tap'
import { authority } from '../server/harness.ts'
import { waitUntil } from '../wait-until.ts'

const main = resolve(import.meta.dirname, '../../src/main.ts')

export interface Run {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
  readonly output: () => string
}

export function run(
  args: readonly string[],
  options: { readonly nodeArgs?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Run {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Lines that are not wrapped can be quoted whole.
    env: { ...process.env, COLUMNS: '100000', ...options.env },
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
export const REVIEW = JSON.stringify({
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

export interface Serving extends Run {
  readonly port: number
  readonly healthPort: number
  readonly folder: string
  readonly ca: string
}

/** With its certificates and its cluster in a folder of the test. */
export async function serve(t: Test, args: readonly string[] = []): Promise<Serving> {
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
  const [port = 0, healthPort = 0] = await portsOf(started)
  const ca = args.includes('--tls-cert-file')
    ? authority.certificate
    : readFileSync(join(folder, 'certs/ca.crt'), 'utf8')
  return { ...started, port, healthPort, folder, ca }
}

/** Of the webhook and of the probes, once it serves. */
export async function portsOf(started: Run): Promise<readonly number[]> {
  let ended = false
  void started.ended.then(() => {
    ended = true
  })
  const line = () => /"url":"https:\/\/[^"]*?:(\d+)","health":"http:\/\/[^"]*?:(\d+)"/.exec(started.output())
  await waitUntil('the server', () => ended || line() !== null)
  const found = line()
  if (found === null) throw new Error(`not serving: ${started.output()}`)
  return found.slice(1).map(Number)
}
