/** Compiling beside other work: all of it is done, and everything else has its turns meanwhile. */
import t from 'tap'
import { compileInTurns } from '../../src/cluster/compile-in-turns.ts'
import { buildSnapshot } from '../../src/revisions/index.ts'
import { build, noOptions, revision } from '../revisions/cluster-objects.ts'

t.test('jobs are finished while timers and I/O go on', async (t) => {
  const before = build([])
  const objects = ['default', 'canary', 'blue'].flatMap((name) => revision(name))
  const { pending } = buildSnapshot(objects, noOptions, before, 'later')
  t.equal(pending.size, 3)
  let turns = 0
  const other = setInterval(() => turns++, 1)
  await compileInTurns(pending.values(), () => false)
  clearInterval(other)
  for (const [name, job] of pending) t.equal(job.state?.revision.config?.name, name)
  t.ok(turns >= 3, `${turns} turns`)
})

t.test('what is done already, or nothing at all, takes no time', async (t) => {
  const { pending } = buildSnapshot(revision('default'), noOptions, build([]), 'later')
  for (const job of pending.values()) job.finish()
  await compileInTurns(pending.values(), () => false)
  await compileInTurns([], () => false)
  t.pass()
})

t.test('once it is stopped, what is not done stays so', async (t) => {
  const objects = ['default', 'canary'].flatMap((name) => revision(name))
  const { pending } = buildSnapshot(objects, noOptions, build([]), 'later')
  await compileInTurns(pending.values(), () => pending.get('canary')?.state !== undefined)
  t.ok(pending.get('canary')?.state)
  t.equal(pending.get('default')?.state, undefined)
})
