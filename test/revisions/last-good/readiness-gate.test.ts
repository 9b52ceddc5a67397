import t from 'tap'
import type { Revision } from '../../../src/inject/index.ts'
import {
  type Heartbeat,
  ObservedHeartbeats,
  ReadinessGate,
  readHeartbeat,
  writeHeartbeat,
} from '../../../src/revisions/index.ts'

const LIMITS = { waitMs: 300_000, aliveMs: 60_000, watchMs: 30_000, readMs: 30_000 }
const unusable: Revision = { name: 'canary', namespace: 'istio-system', config: undefined }
// Only whether there is one is looked at.
const usable = { ...unusable, name: 'default', config: {} } as Revision

const beat = (count: number, over: Partial<Heartbeat> = {}): Heartbeat => ({
  pod: 'remora-old',
  remoraVersion: '0.1.0',
  count,
  built: new Map([['canary', '0123456789abcdef']]),
  kept: new Map(),
  ...over,
})

function setUp(revisions: readonly Revision[] = [unusable, usable]) {
  const gate = new ReadinessGate(LIMITS)
  const heartbeats = new ObservedHeartbeats()
  let known = false
  let settled = false
  return {
    see(nowMs: number, ...beats: Heartbeat[]) {
      known = true
      const texts = beats.map((heartbeat, index) => [
        `replica.${index}`,
        { heartbeat, text: writeHeartbeat(heartbeat) },
      ])
      heartbeats.observe(new Map(texts as [string, { heartbeat: Heartbeat; text: string }][]), nowMs)
    },
    settle: () => {
      settled = true
    },
    look: (nowMs: number) =>
      gate.look({ revisions, heartbeats, heartbeatsKnown: known, isSettled: () => settled, nowMs }),
  }
}

t.test('a replica that builds every revision is ready at once, whatever the Secrets contain', async (t) => {
  t.match(setUp([usable]).look(0), { open: true, due: [] })
})

t.test('a replica waits at most half a minute for unreadable heartbeats', async (t) => {
  const { look } = setUp()
  t.match(look(0), { open: false, reason: /heartbeats of other replicas have not been read/, due: [] })
  t.match(look(29_999), { due: [] })
  t.match(look(30_000), { due: [{ name: 'canary' }] })
})

t.test(
  'without other replicas the kept configuration may serve at once, and the gate then opens',
  async (t) => {
    const { look, see, settle } = setUp()
    see(10)
    t.match(look(10), { open: false, reason: /kept configuration is being read/, due: [{ name: 'canary' }] })
    settle()
    t.match(look(20), { open: true, due: [] })
  },
)

t.test('unreadable kept configurations delay readiness by half a minute at most', async (t) => {
  const { look, see } = setUp()
  see(0)
  t.match(look(0), { open: false })
  t.match(look(29_999), { open: false })
  t.match(look(30_000), { open: true, due: [{ name: 'canary' }] })
})

t.test(
  'a heartbeat of unknown age is watched for 30 s, and one that changes is valid for 60 s',
  async (t) => {
    const { look, see } = setUp()
    see(0, beat(7))
    t.match(look(0), { open: false, reason: /replica remora-old serves it/, due: [] })
    see(20_000, beat(7))
    t.match(look(29_999), { due: [] })
    t.match(look(30_000), { due: [{ name: 'canary' }] }, 'it never moved')

    const moving = setUp()
    moving.see(0, beat(7))
    moving.see(20_000, beat(8))
    t.match(moving.look(79_999), { due: [] })
    t.match(moving.look(80_000), { due: [{ name: 'canary' }] })
  },
)

t.test('a replica waits at most 5 minutes for replicas that serve the revision', async (t) => {
  const { look, see } = setUp()
  look(0)
  let count = 0
  for (let nowMs = 0; nowMs < 300_000; nowMs += 20_000) {
    see(nowMs, beat(count++))
    t.match(look(nowMs), { open: false, due: [] })
  }
  t.match(look(299_999), { reason: /waiting for 1 s more/ })
  t.match(look(300_000), { open: false, due: [{ name: 'canary' }] })
})

t.test('a replica that itself serves a kept configuration is not waited for', async (t) => {
  const { look, see } = setUp()
  const digests = new Map([['canary', '0123456789abcdef']])
  see(0, beat(1, { built: new Map(), kept: digests }), beat(1, { built: new Map([['default', 'x']]) }))
  t.match(look(0), { due: [{ name: 'canary' }] })
})

t.test('the clocks of other machines have no effect', async (t) => {
  t.same(
    Object.keys(JSON.parse(writeHeartbeat(beat(1)))),
    ['pod', 'remoraVersion', 'count', 'built', 'kept'],
    'a heartbeat holds no time; it counts when its text changes',
  )
})

t.test('once ready, a replica stays ready, and a later revision does not wait', async (t) => {
  const revisions: Revision[] = [usable]
  const { look, see } = setUp(revisions)
  t.match(look(0), { open: true })
  see(0, beat(1))
  revisions.push(unusable)
  t.match(look(1), { open: true, due: [{ name: 'canary' }] })
})

t.test('no kept configuration is used while Nodes are unread', async (t) => {
  const waiting = { ...unusable, problem: { code: 'nodes-not-read', message: '' } }
  t.match(setUp([waiting]).look(0), { open: true, due: [] })
})

t.test('a heartbeat can be written and read back, and anything else is not a heartbeat', async (t) => {
  const heartbeat = beat(3, { kept: new Map([['__proto__', 'x']]) })
  t.same(readHeartbeat(writeHeartbeat(heartbeat)), heartbeat)
  for (const text of [
    '',
    '[]',
    '{}',
    'not json',
    writeHeartbeat({ ...heartbeat, pod: 'a\u001b[31mb' }),
    JSON.stringify({ pod: 'a', remoraVersion: '1', count: '1', built: [], kept: [] }),
    JSON.stringify({ pod: 'a', remoraVersion: '1', count: 1, built: {}, kept: [] }),
    JSON.stringify({ pod: 'a', remoraVersion: '1', count: 1, built: [['a', 1]], kept: [] }),
    writeHeartbeat({ ...heartbeat, built: new Map([['a'.repeat(70_000), 'x']]) }),
  ])
    t.equal(readHeartbeat(text), undefined, text.slice(0, 60))
})

t.test('heartbeats that no longer change are removed', async (t) => {
  const heartbeats = new ObservedHeartbeats()
  const one = new Map([['replica.1', { text: 'a', heartbeat: beat(1) }]])
  heartbeats.observe(one, 0)
  heartbeats.observe(one, 500)
  t.same(heartbeats.unchangedFor(600, 599), [])
  t.same(heartbeats.unchangedFor(600, 600), ['replica.1'])
})
