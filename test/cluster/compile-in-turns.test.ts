/** Compilation leaves time for other work and finishes all jobs. */
import t from 'tap'
import { compileInTurns } from '../../src/cluster/compile-in-turns.ts'
import { buildSnapshot } from '../../src/revisions/index.ts'
import { build, noOptions, revision } from '../revisions/cluster-objects.ts'

const finished = buildSnapshot(revision('default'), noOptions, build([]), 'later')
  .pending.get('default')
  ?.finish()

t.test('all compile jobs are finished', async (t) => {
  const objects = ['default', 'canary', 'blue'].flatMap((name) => revision(name))
  const { pending } = buildSnapshot(objects, noOptions, build([]), 'later')
  t.equal(pending.size, 3)
  await compileInTurns(pending.values(), () => false)
  for (const [name, job] of pending) t.equal(job.state?.revision.config?.name, name)
})

/** A job of steps that take so long each, on a clock that only they and rests move. */
function runOnManualClock(stepMs: readonly number[]) {
  let now = 0
  let done = 0
  const turnsMs: number[] = []
  const restsMs: number[] = []
  let turnBegan = 0
  const job = {
    // What a finished job holds is of no interest here, only whether there is something.
    get state() {
      return done === stepMs.length ? finished : undefined
    },
    advance() {
      now += stepMs[done++] ?? 0
    },
  }
  const clock = {
    nowMs: () => now,
    async rest(ms: number) {
      turnsMs.push(now - turnBegan)
      restsMs.push(ms)
      await Promise.resolve()
      now += ms
      turnBegan = now
    },
  }
  return { job, clock, turnsMs, restsMs }
}

t.test('reviews get two thirds of the time, after two milliseconds at the latest', async (t) => {
  const { job, clock, turnsMs, restsMs } = runOnManualClock(Array(12).fill(0.5))
  await compileInTurns([job], () => false, clock)
  t.same(turnsMs, [2, 2, 2])
  t.same(restsMs, [4, 4, 4])
})

t.test('after a longer step reviews get proportionally more time', async (t) => {
  const { job, clock, turnsMs, restsMs } = runOnManualClock([9, 1, 1.25])
  await compileInTurns([job], () => false, clock)
  t.same(turnsMs, [9, 2.25])
  t.same(restsMs, [18, 5], 'in whole milliseconds, never less')
})

t.test('finished jobs and empty lists take no time', async (t) => {
  const { pending } = buildSnapshot(revision('default'), noOptions, build([]), 'later')
  for (const job of pending.values()) job.finish()
  await compileInTurns(pending.values(), () => false)
  await compileInTurns([], () => false)
  t.pass()
})

t.test('after a stop, unfinished jobs stay unfinished', async (t) => {
  const objects = ['default', 'canary'].flatMap((name) => revision(name))
  const { pending } = buildSnapshot(objects, noOptions, build([]), 'later')
  await compileInTurns(pending.values(), () => pending.get('canary')?.state !== undefined)
  t.ok(pending.get('canary')?.state)
  t.equal(pending.get('default')?.state, undefined)
})
