/** A new configuration is warmed up with pods of the last one, so that such pods find a trace when it serves. */
import t from 'tap'
import { inject, type RevisionConfig, type Snapshot } from '../../src/inject/index.ts'
import { warmUp } from '../../src/revisions/warm-up.ts'
import { finish } from '../../src/steps.ts'
import { pod, requestFor, revision, snapshotOf } from '../inject/revision-fixture.ts'
import { proxy } from '../inject/run-inject.ts'

const revisionOf = (config: RevisionConfig | undefined) => ({
  name: 'default',
  namespace: 'istio-system',
  config,
})
const tagged = (tag: string) => revision({ templates: proxy(), values: { global: { hub: 'h', tag } } })
const serving = (snapshot: Snapshot) => ({ snapshot, options: {} })
const request = requestFor(pod({ name: 'web', labels: { app: 'web' } }))

t.test('after a warm-up the first pod finds its trace, and gets the same as without a cache', async (t) => {
  const [before, after] = [tagged('1'), tagged('2')]
  const snapshot = snapshotOf(before)
  inject(request, snapshot)
  t.equal(before.cache?.counts.misses, 1)
  let steps = 0
  for (const _ of warmUp(revisionOf(after), revisionOf(before), serving(snapshot))) steps++
  t.equal(steps, 4)
  t.same(after.cache?.counts, { hits: 0, misses: 0 }, 'only reviews are counted')
  t.equal(before.cache?.counts.misses, 1)
  t.equal(snapshot.revisions.get('default')?.config, before)

  const outcome = inject(request, snapshotOf(after))
  t.same(after.cache?.counts, { hits: 1, misses: 0 })
  t.same(outcome, inject(request, snapshotOf(tagged('2')), { specialize: false }))
})

t.test('warm-up requests are kept for the configuration after the next one, too', async (t) => {
  const [first, second, third] = [tagged('1'), tagged('2'), tagged('3')]
  inject(request, snapshotOf(first))
  finish(warmUp(revisionOf(second), revisionOf(first), serving(snapshotOf(first))))
  finish(warmUp(revisionOf(third), revisionOf(second), serving(snapshotOf(second))))
  inject(request, snapshotOf(third))
  t.same(third.cache?.counts, { hits: 1, misses: 0 })
})

t.test('without an old or a new configuration there is no warm-up', async (t) => {
  const config = tagged('1')
  inject(request, snapshotOf(config))
  for (const [next, before] of [
    [config, config],
    [undefined, config],
    [config, undefined],
  ]) {
    t.equal(warmUp(revisionOf(next), revisionOf(before), serving(snapshotOf(config))).next().done, true)
  }
  t.equal(warmUp(revisionOf(config), undefined, serving(snapshotOf(config))).next().done, true)
  t.same(config.cache?.counts, { hits: 0, misses: 1 })
})

t.test('a warm-up continues after a refused pod or a defect', async (t) => {
  const before = tagged('1')
  inject(request, snapshotOf(before))
  const refusing = revision({ templates: { sidecar: '{{ fail "no" }}' } })
  finish(warmUp(revisionOf(refusing), revisionOf(before), serving(snapshotOf(before))))
  t.equal(inject(request, snapshotOf(refusing)).kind, 'refused')

  const requests = before.cache?.warmUp
  // No request from outside is so: what is tried here is a defect of ours.
  requests?.add({ ...request, object: null as never })
  finish(warmUp(revisionOf(tagged('2')), revisionOf(before), serving(snapshotOf(before))))
})
