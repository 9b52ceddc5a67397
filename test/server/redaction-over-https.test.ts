/**
 * A recording server writes only what the table of kept fields lists: random reviews with a marker in every other
 * text are posted over HTTPS, and no marker is in the capture folder (compressed or not), the log, the metrics or
 * the output of a replay.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { CLUSTER_FOLDER, reviewOf } from '../capture/capture-fixture.ts'
import { MarkerPods } from '../capture/marker-pods.ts'
import { runCommand } from '../cli/run-command.ts'
import { waitUntil } from '../wait-until.ts'
import { serveFolder } from './serve-folder.ts'

const MARKER = 'mArKqZ'
const REVIEWS = 60
const ANY_MARKER = /mArKqZ[^\s"\\]*/i

/** The embedded cluster, and a namespace with markers in its annotations as in those of a pod. */
function markerCluster(folder: string): string {
  const cluster = join(folder, 'cluster')
  cpSync(CLUSTER_FOLDER, cluster, { recursive: true })
  const annotations = new MarkerPods({ seed: 1, valid: true, marker: `${MARKER}-ns-` }).annotations()
  const texts = Object.fromEntries(Object.entries(annotations).filter(([, text]) => typeof text === 'string'))
  const metadata = { name: 'markers', labels: { 'istio-injection': 'enabled' }, annotations: texts }
  writeFileSync(
    join(cluster, 'markers.json'),
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }),
  )
  return cluster
}

/** A review and where it is sent; some are no reviews at all, which the log says too. */
function question(seed: number, run: number) {
  const made = new MarkerPods({ seed, valid: run % 4 !== 3, marker: `${MARKER}-${run}-` })
  const pod = made.pod()
  // The table keeps a UID that is one.
  const uid = `5e0c5b5b-3d0f-4d6e-9f5b-${String(run).padStart(12, '0')}`
  const namespace = run % 2 === 0 ? 'test-ns' : 'markers'
  const body = reviewOf(pod, namespace, { ...made.request(), uid }).toString()
  const rest = `/inject/cluster/east/${made.marker()}/${made.marker()}?timeout=10s&${made.marker()}`
  if (run % 10 === 7) return { path: rest, body: body.slice(0, -made.marker().length), recorded: false }
  if (run % 10 === 8) return { path: `/${made.marker()}`, body, recorded: false }
  return { path: run % 3 === 0 ? rest : `/revisions/canary${rest}`, body, recorded: true }
}

function bytesOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return files
    .map((file) => {
      const bytes = readFileSync(join(file.parentPath, file.name))
      return `${file.name}\n${file.name.endsWith('.gz') ? gunzipSync(bytes) : bytes}`
    })
    .join('\n')
}

t.test('a recording server leaks no secret', async (t) => {
  // A socket's path must be short, which those of the test runner's folders are not.
  const folder = mkdtempSync(join(tmpdir(), 'remora-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const capture = join(folder, 'capture')
  const cluster = markerCluster(folder)
  const { running, lines, post } = await serveFolder(t, cluster, [
    ...['--capture', capture, '--capture-bytes', '64Mi', '--log-level', 'debug'],
  ])
  const metrics = async () => (await fetch(`${running.healthUrl}/metrics`)).text()
  const seeds = fc.sample(fc.integer(), { numRuns: REVIEWS, seed: 5 })
  let expected = 0
  for (const [run, seed] of seeds.entries()) {
    const { path, body, recorded } = question(seed, run)
    t.match(body, MARKER, 'there is something to find')
    await post(path, body)
    if (recorded) expected++
  }
  const written = new RegExp(`^remora_capture_reviews_total ${expected}$`, 'm')
  await waitUntil('all records', async () => written.test(await metrics()))
  t.match(await metrics(), /^remora_capture_dropped_total 0$/m)

  const text = bytesOf(capture)
  const codes = Array.from(text.matchAll(/"answered"|"code":"([a-z-]+)"/g), ([, code = 'answered']) => code)
  t.ok(codes.filter((code) => code === 'injected').length >= REVIEWS / 4, 'many were injected')
  t.ok(new Set(codes).size >= 4, `and not only that: ${[...new Set(codes)]}`)
  t.equal(ANY_MARKER.exec(text)?.[0], undefined, 'the capture folder')
  t.ok(lines.filter((line) => line.includes('"decision"')).length >= REVIEWS, 'each has its line')
  t.equal(ANY_MARKER.exec(lines.join(''))?.[0], undefined, 'the log')
  t.equal(ANY_MARKER.exec(await metrics())?.[0], undefined, 'the metrics')

  const compressed = join(folder, 'compressed')
  mkdirSync(compressed)
  for (const name of readdirSync(capture).filter((name) => name.endsWith('.jsonl')))
    writeFileSync(join(compressed, `${name}.gz`), gzipSync(readFileSync(join(capture, name))))
  t.equal(ANY_MARKER.exec(bytesOf(compressed))?.[0], undefined, 'the same, compressed')
  const replayed = await runCommand('replay', compressed)
  t.match(replayed, { code: 0, out: new RegExp(`^${expected} reviews: ${expected} same, 0 differ\n`) })
  t.equal(ANY_MARKER.exec(replayed.out + replayed.err)?.[0], undefined, 'what a replay says')
})
