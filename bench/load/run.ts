/**
 * `npm run bench`: Remora's production build beside the null webhook, each in its own process, driven in alternating
 * rounds over TLS keep-alive. The ratio is CPU time a request of the null webhook over Remora's: it does not depend on
 * how fast the client is. Options: --seconds N, --rounds N, --connections N, --only NAME.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { ensureDevelopmentCertificates } from '../../src/certs/index.ts'
import { findMaterial } from './bodies.ts'
import { ServerProcess, type Target, untilServing } from './server-process.ts'

const root = resolve(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '8' },
    only: { type: 'string' },
  },
})
const [seconds, rounds, connections] = [
  Number(values.seconds),
  Number(values.rounds),
  Number(values.connections),
]

interface Round {
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpuMicros: number
  /** Of the server's process, over the round: 1 is one core busy. */
  readonly busy: number
}

async function drive(
  server: ServerProcess,
  target: Target,
  body: string,
  duration = seconds,
): Promise<Round> {
  const before = await server.usage()
  const began = performance.now()
  const result = await autocannon({
    url: `https://127.0.0.1:${target.port}/inject`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    connections,
    duration,
    tlsOptions: { ca: target.ca, servername: 'localhost' },
  })
  const elapsedMs = performance.now() - began
  const cpuMicros = (await server.usage()).cpuMicros - before.cpuMicros
  const answered = result['2xx']
  if (answered === 0 || result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${answered} answers, ${result.non2xx} that are not 2xx, ${result.errors} errors`)
  }
  return {
    requestsPerSecond: answered / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpuMicros: cpuMicros / answered,
    busy: cpuMicros / 1000 / elapsedMs,
  }
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => (i < 2 ? cell.padEnd(i === 0 ? 10 : 8) : cell.padStart(12))).join('')
}

function show(name: string, who: string, measured: readonly Round[], ratio: string): string {
  const of = (pick: (round: Round) => number, digits: number): string =>
    median(measured.map(pick)).toFixed(digits)
  return row([
    name,
    who,
    of((r) => r.requestsPerSecond, 0),
    of((r) => r.p50, 1),
    of((r) => r.p99, 1),
    of((r) => r.cpuMicros, 0),
    of((r) => r.busy * 100, 0),
    ratio,
  ])
}

async function measure(name: string, body: string, places: Places): Promise<void> {
  const { folder, clusterFolder, target, nullTarget } = places
  const remora = new ServerProcess(join(root, 'dist/main.js'), [
    'serve',
    '--cluster',
    clusterFolder,
    '--cert-dir',
    folder,
    '--port',
    String(target.port),
    '--metrics-port',
    '0',
    '--drain-delay',
    '0',
  ])
  let limit: ServerProcess | undefined
  try {
    const answer: unknown = JSON.parse(await untilServing(target, body))
    const patch = patchOf(answer)
    const patchFile = join(folder, 'patch')
    writeFileSync(patchFile, patch)
    const files = [join(folder, 'tls.crt'), join(folder, 'tls.key'), patchFile]
    limit = new ServerProcess(join(import.meta.dirname, 'null-webhook.ts'), [
      String(nullTarget.port),
      ...files,
    ])
    await untilServing(nullTarget, body)
    const [ours, theirs]: [Round[], Round[]] = [[], []]
    for (const [server, to] of [
      [limit, nullTarget],
      [remora, target],
    ] as const)
      await drive(server, to, body, 2)
    for (let i = 0; i < rounds; i++) {
      theirs.push(await drive(limit, nullTarget, body))
      ours.push(await drive(remora, target, body))
    }
    const ratio = median(theirs.map((r) => r.cpuMicros)) / median(ours.map((r) => r.cpuMicros))
    console.log(show(name, 'null', theirs, ''))
    console.log(show(name, 'remora', ours, ratio.toFixed(2)))
    const { rssBytes } = await remora.usage()
    console.log(
      `${' '.repeat(10)}body ${body.length} B, patch ${patch.length} B (base64), remora's RSS ${Math.round(rssBytes / 2 ** 20)} MiB`,
    )
  } finally {
    await remora.stop()
    await limit?.stop()
  }
}

/** The base64 text of the answer's patch; empty where it has none. */
function patchOf(answer: unknown): string {
  const response =
    typeof answer === 'object' && answer !== null && 'response' in answer ? answer.response : undefined
  if (typeof response !== 'object' || response === null) throw new Error('the answer has no response')
  if (!('allowed' in response) || response.allowed !== true)
    throw new Error(`refused: ${JSON.stringify(response)}`)
  return 'patch' in response ? String(response.patch) : ''
}

interface Places {
  readonly folder: string
  readonly clusterFolder: string
  readonly target: Target
  readonly nullTarget: Target
}

const built = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  { cwd: root, encoding: 'utf8' },
)
if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`)

const material = findMaterial()
const folder = mkdtempSync(join(tmpdir(), 'remora-bench-certs-'))
try {
  const { caFile } = await ensureDevelopmentCertificates({ directory: folder, nowMs: Date.now() })
  const ca = readFileSync(caFile, 'utf8')
  console.log(
    `Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}; ${material.description}`,
  )
  console.log(
    `${connections} connections, medians of ${rounds} rounds of ${seconds} s; times in ms, CPU in us a request, busy in % of a core`,
  )
  console.log(row(['body', 'server', 'requests/s', 'p50', 'p99', 'CPU', 'busy', 'ratio']))
  for (const [name, body] of material.bodies) {
    if (values.only !== undefined && values.only !== name) continue
    const places = {
      folder,
      clusterFolder: material.clusterFolder,
      target: { port: 19443, ca },
      nullTarget: { port: 19444, ca },
    }
    await measure(name, body, places)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
  if (material.temporary) rmSync(material.clusterFolder, { recursive: true, force: true })
}
