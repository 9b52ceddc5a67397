import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  type AuthorityStore,
  type AuthorityTexts,
  bundleVerifies,
  type CertificateEvent,
  certificateProblems,
  createSelfSource,
  type SelfSourceOptions,
} from '../../src/certs/index.ts'
import { makeAuthority } from '../../src/certs/make-authority.ts'
import { RemoraError } from '../../src/errors.ts'
import { waitUntil } from '../wait-until.ts'

/** A Secret of the test suite, shared by several sources. */
class SharedBox {
  texts: AuthorityTexts = new Map()
  version = 1
  writes = 0
  fault: string | undefined
  /** Runs before the next write is looked at. */
  meanwhile: (() => void) | undefined

  store(): AuthorityStore {
    return {
      place: 'Secret ns/ca',
      emptyCommand: 'kubectl empty it',
      open: async () => {
        if (this.fault === 'unconfigured')
          throw new RemoraError('cluster-live-unconfigured', 'not configured')
      },
      read: async () => {
        if (this.fault !== undefined) throw new RemoraError('cluster-api-unreachable', this.fault)
        return { texts: this.texts, version: String(this.version) }
      },
      write: async (texts, version) => {
        this.meanwhile?.()
        if (version !== String(this.version)) return 'conflict'
        this.put(new Map([...this.texts, ...texts]))
        this.writes += 1
        return 'written'
      },
      close: () => undefined,
    }
  }

  put(texts: AuthorityTexts): void {
    this.texts = texts
    this.version += 1
  }
}

const HOUR_MS = 3_600_000
const SERVICE = { namespace: 'ns', name: 'remora' }

function source(t: Test, box: SharedBox, options: Partial<SelfSourceOptions> = {}) {
  const made = createSelfSource({
    store: box.store(),
    service: SERVICE,
    lifeMs: HOUR_MS,
    ...options,
    timing: { pollMs: HOUR_MS, retryMs: 5, handoverMs: 20, ...options.timing },
  })
  const events: CertificateEvent[] = []
  made.onEvent((event) => events.push(event))
  t.teardown(() => made.close())
  const kinds = () => events.map((event) => (event.kind === 'authority' ? event.what : event.kind))
  return { made, events, kinds, start: () => made.start(new AbortController().signal) }
}

const caOf = (box: SharedBox): string => box.texts.get('ca.crt') ?? ''

t.test('replicas that start together agree on one CA, each with a certificate of its own', async (t) => {
  const box = new SharedBox()
  const replicas = [source(t, box), source(t, box), source(t, box)]
  await Promise.all(replicas.map((replica) => replica.start()))
  t.equal(box.writes, 1)
  for (const { made } of replicas) {
    t.same(made.bundle(), [caOf(box)])
    t.ok(bundleVerifies(made.bundle(), made.current().certificate))
  }
  t.equal(new Set(replicas.map(({ made }) => made.current().key)).size, 3)
  t.equal(replicas.filter(({ kinds }) => kinds().includes('made')).length, 1)
})

t.test('the second writer adopts the CA of the first', async (t) => {
  const box = new SharedBox()
  const first = makeAuthority(Date.now())
  box.meanwhile = () => {
    box.meanwhile = undefined
    box.put(first)
  }
  const { made, start } = source(t, box)
  await start()
  t.same(made.bundle(), [first.get('ca.crt')])
  t.equal(box.writes, 0)
})

t.test('a store that cannot be read or filled is retried, and reported once', async (t) => {
  const box = new SharedBox()
  box.fault = 'connection refused'
  const { made, events, start } = source(t, box)
  t.throws(() => made.current(), { code: 'certificate-not-loaded' })
  t.same(made.bundle(), [])
  const started = start()
  await waitUntil('a fault', () => made.problem() !== undefined)
  await sleep(30)
  t.match(events, [
    {
      kind: 'kept',
      error: { code: 'cluster-api-unreachable', message: /Secret ns\/ca: connection refused/ },
    },
  ])
  t.equal(events.length, 1)
  box.fault = undefined
  await started
  t.equal(made.problem(), undefined)
  t.ok(made.current())
})

t.test('the start fails if access to the store is not configured', async (t) => {
  const box = new SharedBox()
  box.fault = 'unconfigured'
  await t.rejects(source(t, box).start(), { code: 'cluster-live-unconfigured' })
})

t.test('a cancelled start stops waiting', async (t) => {
  const box = new SharedBox()
  box.fault = 'connection refused'
  const { made } = source(t, box)
  const stop = new AbortController()
  const started = made.start(stop.signal)
  await sleep(10)
  stop.abort()
  await started
  t.throws(() => made.current(), { code: 'certificate-not-loaded' })
  await source(t, box).made.start(AbortSignal.abort())
})

t.test('after too many conflicts the write is postponed', async (t) => {
  const box = new SharedBox()
  box.meanwhile = () => box.put(new Map())
  const { made, start } = source(t, box)
  const started = start()
  await waitUntil('a fault', () => made.problem() !== undefined)
  t.match(made.problem(), { code: 'authority-contested' })
  box.meanwhile = undefined
  await started
})

const GARBAGE = new Map([
  ['ca.crt', 'nonsense'],
  ['ca.key', 'nonsense'],
])

t.test('invalid content changes nothing at first, and an emptied store gets the CA in use', async (t) => {
  const box = new SharedBox()
  const { made, kinds, start } = source(t, box)
  await start()
  const [pair, ca] = [made.current(), caOf(box)]
  box.put(GARBAGE)
  await made.refresh()
  await made.refresh()
  t.match(made.problem(), { code: 'authority-invalid', message: /kubectl empty it/ })
  t.equal(kinds().filter((kind) => kind === 'kept').length, 1)
  t.equal(made.current(), pair)
  box.put(new Map([['mine', 'stays']]))
  await made.refresh()
  t.equal(made.problem(), undefined)
  t.equal(caOf(box), ca)
  t.equal(box.texts.get('mine'), 'stays')
  t.ok(kinds().includes('restored'))
  t.equal(made.current(), pair)
})

t.test('invalid content that persists is replaced by the CA in use', async (t) => {
  const box = new SharedBox()
  const { made, kinds, start } = source(t, box, { timing: { pollMs: 20, repairMs: 60 } })
  await start()
  const [pair, ca] = [made.current(), caOf(box)]
  box.put(GARBAGE)
  await waitUntil('the repair', () => kinds().includes('restored'))
  t.equal(caOf(box), ca)
  t.equal(made.current(), pair)
  await waitUntil('no problem', () => made.problem() === undefined)
})

t.test(
  'a CA that is not valid yet is neither used nor replaced, because the local clock may be wrong',
  async (t) => {
    const future = makeAuthority(Date.now() + 2 * HOUR_MS)
    const box = new SharedBox()
    const { made, kinds, start } = source(t, box, { timing: { pollMs: 10, repairMs: 10 } })
    await start()
    const pair = made.current()
    box.put(future)
    await waitUntil('the problem', () => made.problem()?.code === 'authority-not-yet-valid')
    t.match(
      made.problem()?.message,
      /is not valid before .*, and the clock of this machine says .*; .* kubectl empty it$/,
    )
    await sleep(50)
    t.equal(caOf(box), future.get('ca.crt'))
    t.equal(made.current(), pair)
    t.same(
      kinds().filter((kind) => kind === 'replaced' || kind === 'restored'),
      [],
    )
    // A replica that starts then has nothing to serve by.
    const fresh = source(t, box)
    void fresh.start()
    await waitUntil('the problem of the new one', () => fresh.kinds().includes('kept'))
    t.throws(() => fresh.made.current(), { code: 'certificate-not-loaded' })
    t.equal(caOf(box), future.get('ca.crt'))
  },
)

t.test('content that is being written in several steps is not replaced', async (t) => {
  const box = new SharedBox()
  const { made, kinds, start } = source(t, box, { timing: { repairMs: HOUR_MS } })
  await start()
  const next = makeAuthority(Date.now())
  box.put(new Map([...box.texts, ['ca.crt', next.get('ca.crt') ?? '']]))
  await made.refresh()
  t.match(made.problem(), { code: 'authority-invalid' })
  box.put(next)
  await made.refresh()
  t.ok(kinds().includes('replaced'))
  t.notOk(kinds().includes('restored'))
})

t.test('invalid content at the start is replaced if clients do not trust any CA yet', async (t) => {
  for (const texts of [GARBAGE, makeAuthority(0, HOUR_MS)]) {
    const box = new SharedBox()
    box.put(texts)
    const { made, kinds, start } = source(t, box, { timing: { repairMs: 20 } })
    await start()
    t.ok(kinds().includes('made'))
    t.same(made.bundle(), [caOf(box)])
    t.not(caOf(box), texts.get('ca.crt'))
  }
})

t.test('a CA whose certificates clients would not trust counts as invalid content', async (t) => {
  const [one, two] = [makeAuthority(Date.now()), makeAuthority(Date.now())]
  const box = new SharedBox()
  box.put(new Map([...one, ['ca.key', two.get('ca.key') ?? '']]))
  const { kinds, start } = source(t, box, { timing: { repairMs: 20 } })
  await start()
  t.ok(kinds().includes('made'))
})

t.test('a replica without a CA that clients trust waits for one that has it', async (t) => {
  for (const lost of [new Map<string, string>(), GARBAGE]) {
    const box = new SharedBox()
    const first = source(t, box, { timing: { repairMs: 0 } })
    await first.start()
    const ca = caOf(box)
    box.put(lost)
    const second = source(t, box, { trusted: () => [ca], timing: { restoreWaitMs: HOUR_MS, repairMs: 30 } })
    const started = second.start()
    await waitUntil('it waits', () => second.made.problem()?.code === 'authority-awaited')
    t.match(second.made.problem(), { message: /valid until .*restore it/ })
    t.throws(() => second.made.current(), { code: 'certificate-not-loaded' })
    t.same(second.kinds(), ['waiting'])
    t.equal(caOf(box), lost.get('ca.crt') ?? '')
    await first.made.refresh()
    await started
    t.same(second.made.bundle(), [ca])
    t.notOk(second.kinds().includes('made'))
  }
})

t.test('if no replica restores the CA in time, a new CA is made', async (t) => {
  const box = new SharedBox()
  box.put(GARBAGE)
  const ca = makeAuthority(Date.now()).get('ca.crt') ?? ''
  const { made, kinds, start } = source(t, box, {
    trusted: () => [ca],
    timing: { restoreWaitMs: 60, repairMs: 20 },
  })
  await start()
  t.same(kinds(), ['waiting', 'made', 'bundle'])
  t.not(made.bundle()[0], ca)
})

t.test('a replica also waits while the trusted CAs are unknown, but not for expired CAs', async (t) => {
  const unknown = source(t, new SharedBox(), { trusted: () => undefined, timing: { restoreWaitMs: 60 } })
  await unknown.start()
  t.same(unknown.kinds(), ['waiting', 'made', 'bundle'])
  const old = makeAuthority(0, HOUR_MS).get('ca.crt') ?? ''
  const expired = source(t, new SharedBox(), { trusted: () => [old], timing: { restoreWaitMs: HOUR_MS } })
  await expired.start()
  t.same(expired.kinds(), ['made', 'bundle'])
})

t.test('overdue, expired and missing certificates are reported', async (t) => {
  const box = new SharedBox()
  const { made, start } = source(t, box)
  t.match(certificateProblems(made, Date.now()), [{ code: 'certificate-not-loaded' }])
  await start()
  const { notAfterMs } = made.current()
  t.same(certificateProblems(made, Date.now()), [])
  const fifth = made.overdueAtMs()
  t.ok(Math.abs(notAfterMs - fifth - HOUR_MS / 6) < 2_000)
  t.same(certificateProblems(made, fifth - 1), [])
  t.match(certificateProblems(made, fifth), [{ code: 'certificate-renewal-overdue' }])
  t.match(certificateProblems(made, notAfterMs), [{ code: 'certificate-expired' }])
})

t.test('a new CA is in the bundle before it signs anything', async (t) => {
  const box = new SharedBox()
  const { made, kinds, start } = source(t, box)
  await start()
  const before = caOf(box)
  const next = makeAuthority(Date.now())
  box.put(next)
  await made.refresh()
  t.same(made.bundle(), [next.get('ca.crt'), before])
  t.ok(bundleVerifies([before], made.current().certificate), 'still the old one')
  await waitUntil('a swap', () => kinds().includes('swapped'))
  t.ok(bundleVerifies([next.get('ca.crt') ?? ''], made.current().certificate))
  t.same(made.bundle(), [next.get('ca.crt')])
  t.same(kinds().slice(-4), ['replaced', 'bundle', 'swapped', 'bundle'])
})

t.test('a second CA joins the bundle and signs nothing', async (t) => {
  const box = new SharedBox()
  const { made, kinds, start } = source(t, box)
  await start()
  const pair = made.current()
  const other = makeAuthority(Date.now()).get('ca.crt') ?? ''
  box.put(new Map([...box.texts, ['other-ca.crt', other]]))
  await made.refresh()
  t.same(made.bundle(), [caOf(box), other])
  t.equal(made.current(), pair)
  t.equal(kinds().at(-1), 'bundle')
})

t.test('certificates are renewed in time, also while the store cannot be reached', async (t) => {
  const box = new SharedBox()
  const { made, kinds, start } = source(t, box, { lifeMs: 2_500 })
  await start()
  box.fault = 'gone'
  const first = new X509Certificate(made.current().certificate)
  await waitUntil('a swap', () => kinds().includes('swapped'))
  const second = new X509Certificate(made.current().certificate)
  t.not(second.serialNumber, first.serialNumber)
  t.ok(Date.now() < Date.parse(first.validTo), 'before the end of the first')
})

t.test('a CA close to expiry is reported, and the last certificate expires with it', async (t) => {
  const box = new SharedBox()
  box.put(makeAuthority(Date.now(), HOUR_MS / 2))
  const { made, start } = source(t, box)
  await start()
  t.match(made.problem(), { code: 'authority-ends-soon' })
  t.ok(made.current().notAfterMs <= Date.now() + HOUR_MS / 2)
})

t.test('the store is read at regular intervals', async (t) => {
  const box = new SharedBox()
  const { kinds, start } = source(t, box, { timing: { pollMs: 10 } })
  await start()
  box.put(makeAuthority(Date.now()))
  await waitUntil('the change', () => kinds().includes('replaced'))
})

t.test('client CAs are reloaded, and an invalid file changes nothing', async (t) => {
  const box = new SharedBox()
  const folder = t.testdir({ 'ca.crt': makeAuthority(Date.now()).get('ca.crt') ?? '', bad: 'nonsense' })
  const good = source(t, box, { clientCaFile: join(folder, 'ca.crt') })
  await good.start()
  t.match(good.made.current(), { clientCa: /BEGIN/ })
  for (const [name, code] of [
    ['bad', 'client-ca-invalid'],
    ['none', 'certificate-unreadable'],
  ] as const) {
    const { made, start } = source(t, box, { clientCaFile: join(folder, name) })
    const started = start()
    await waitUntil('a fault', () => made.problem() !== undefined)
    t.match(made.problem(), { code })
    await made.close()
    await started
  }
})
