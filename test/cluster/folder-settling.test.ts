/** When a folder is polled and which of its changes are read. The test triggers the polls. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { processSignals } from '../../src/cluster/folder-signals.ts'
import { FolderCluster } from '../../src/cluster/index.ts'
import { noOptions } from '../revisions/cluster-objects.ts'
import { ManualSignals } from './manual-signals.ts'

const POLL_MS = 1000
const SETTLE_MS = 50

const namespace = (name: string, version: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels: {v: "${version}"}\n`

async function startCluster(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'remora-settling-'))
  const file = join(folder, 'a.yaml')
  writeFileSync(file, namespace('a', '1'))
  const signals = new ManualSignals()
  const options = { folder, snapshot: noOptions, pollMs: POLL_MS, settleMs: SETTLE_MS, signals }
  const cluster = new FolderCluster(options)
  t.teardown(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true })
  })
  const stop = new AbortController()
  await cluster.start(stop.signal)
  const found = () =>
    [...cluster.snapshot().namespaces].map(([name, { labels }]) => `${name} ${labels.get('v')}`)
  return { folder, file, signals, cluster, found, stop }
}

t.test('a half-written file is not read until two consecutive polls see the same content', async (t) => {
  const { file, signals, found } = await startCluster(t)
  t.equal(signals.delayMs, POLL_MS)
  // The first half is a valid manifest by itself.
  writeFileSync(file, namespace('a', '22'))
  await signals.look()
  t.same(found(), ['a 1'])
  t.equal(signals.delayMs, SETTLE_MS, 'looked at again soon')
  writeFileSync(file, `${namespace('a', '22')}---\n${namespace('b', '22')}`)
  await signals.look()
  t.same(found(), ['a 1'], 'it was still growing')
  t.equal(signals.delayMs, SETTLE_MS)
  await signals.look()
  t.same(found(), ['a 22', 'b 22'])
  t.equal(signals.delayMs, POLL_MS)
})

t.test('a new file is read once it is stable', async (t) => {
  const { folder, signals, found } = await startCluster(t)
  writeFileSync(join(folder, 'b.yaml'), 'apiVersion: v1\n')
  await signals.look()
  writeFileSync(join(folder, 'b.yaml'), namespace('b', '1'))
  await signals.look()
  t.same(found(), ['a 1'])
  await signals.look()
  t.same(found(), ['a 1', 'b 1'])
})

t.test(
  'a file that is deleted and rewritten is never missing, and a file that is only deleted is',
  async (t) => {
    const { file, signals, found } = await startCluster(t)
    rmSync(file)
    await signals.look()
    t.same(found(), ['a 1'])
    writeFileSync(file, namespace('a', '22'))
    await signals.look()
    t.same(found(), ['a 1'])
    await signals.look()
    t.same(found(), ['a 22'])

    rmSync(file)
    await signals.look()
    t.same(found(), ['a 22'])
    await signals.look()
    t.same(found(), [])
  },
)

t.test('a file event triggers a poll, and one during a poll triggers another', async (t) => {
  const { signals } = await startCluster(t)
  t.equal(signals.delayMs, POLL_MS)
  signals.hint()
  t.equal(signals.delayMs, SETTLE_MS)
  signals.hint()
  t.equal(signals.delayMs, SETTLE_MS)

  signals.fire()
  signals.hint()
  t.equal(signals.delayMs, SETTLE_MS)
  // Its time comes while the look goes on, which may have passed by what changed.
  await signals.look()
  t.equal(signals.delayMs, SETTLE_MS)
  await signals.look()
  t.equal(signals.delayMs, POLL_MS, 'nothing more was heard')
})

t.test('polling takes at most a tenth of the time', async (t) => {
  const { signals } = await startCluster(t)
  signals.stepMs = 700
  await signals.look()
  t.equal(signals.delayMs, 7000)
  signals.stepMs = 10
  await signals.look()
  t.equal(signals.delayMs, POLL_MS)
})

t.test('after a stop there are no polls, and file events are ignored', async (t) => {
  const { folder, signals, cluster, found, stop } = await startCluster(t)
  t.ok(signals.watching)
  writeFileSync(join(folder, 'b.yaml'), namespace('b', '1'))
  await signals.look()
  stop.abort()
  t.equal(signals.delayMs, undefined)
  t.notOk(signals.watching)
  signals.hint()
  t.equal(signals.delayMs, undefined)
  await cluster.close()
  t.same(found(), ['a 1'])
  const aborted = AbortSignal.abort()
  await t.rejects(new FolderCluster({ folder, snapshot: noOptions }).start(aborted))
})

t.test('a stop during a poll schedules no other poll', async (t) => {
  const { signals, cluster } = await startCluster(t)
  signals.fire()
  const closed = cluster.close()
  await closed
  t.equal(signals.delayMs, undefined)
})

t.test('the timer of the process fires once, unless it is cancelled', async (t) => {
  const called: string[] = []
  const cancel = processSignals.after(1, () => called.push('cancelled'))
  cancel()
  // Node fires timers in the order of their times, however late.
  await new Promise<void>((resolve) => {
    processSignals.after(2, () => {
      called.push('kept')
      processSignals.after(2, resolve)
    })
  })
  t.same(called, ['kept'])
})
