import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { CertificateError, type CertificatePair } from '../../src/certs/index.ts'
import type { Cluster } from '../../src/cluster/index.ts'
import { currentProblems, describeReadiness, logLateCertificates } from '../../src/server/index.ts'
import { waitUntil } from '../wait-until.ts'

const HOUR_MS = 3_600_000
const NOW = Date.now()

/** A certificate source of the test suite. */
function certificates({ notAfterMs = NOW + HOUR_MS, overdueAtMs = NOW + HOUR_MS / 2, rejected = '' } = {}) {
  const pair: CertificatePair = {
    ...{ certificate: '', key: '', clientCa: undefined },
    ...{ notBeforeMs: NOW - HOUR_MS, notAfterMs },
  }
  return {
    current: () => pair,
    overdueAtMs: () => overdueAtMs,
    problem: () => (rejected === '' ? undefined : new CertificateError(rejected, 'reported by the source')),
    bundle: () => [],
    onEvent: () => undefined,
    start: async () => undefined,
    refresh: async () => undefined,
    close: async () => undefined,
  }
}

const status = {
  source: 'live' as const,
  synced: true,
  staleForMs: 0,
  problems: [{ code: 'a', message: 'b' }],
}
// Only what is asked of it.
const cluster = {
  status: () => status,
  snapshot: () => ({ revisions: new Map(), tags: new Map() }),
} as unknown as Cluster
const caBundles = (registered: boolean) => ({
  registered: () => registered,
  status: () => ({ configurations: [], problems: [{ code: 'ca-bundle-contested', message: 'c' }] }),
})

t.test('problems of the cluster, caBundles and certificate are in one list', async (t) => {
  const sources = { cluster, caBundles: caBundles(true), certificates: certificates() }
  const codes = (over: object = {}, nowMs = NOW) =>
    currentProblems({ ...sources, ...over }, nowMs).map(({ code }) => code)
  t.same(codes(), ['a', 'ca-bundle-contested'])
  t.same(codes({ caBundles: undefined }), ['a'])
  const rejected = { certificates: certificates({ rejected: 'certificate-key-mismatch' }) }
  t.same(codes(rejected).slice(2), ['certificate-key-mismatch'])
  t.same(codes(rejected, NOW + HOUR_MS / 2).slice(2), [
    'certificate-key-mismatch',
    'certificate-renewal-overdue',
  ])
  t.same(codes({}, NOW + HOUR_MS).slice(2), ['certificate-expired'])
})

t.test('a replica whose CA is in no caBundle yet is not ready', async (t) => {
  const facts = { version: '1', cluster, certificates: certificates(), stopping: false }
  t.match(describeReadiness({ ...facts, caBundles: caBundles(false) }), { ready: false, reason: /caBundles/ })
  t.match(describeReadiness({ ...facts, caBundles: caBundles(true) }), { ready: true })
  t.match(describeReadiness({ ...facts, caBundles: undefined }), { ready: true })
})

t.test('a late certificate is logged once, and again when it is renewed', async (t) => {
  const logged: string[] = []
  const logger = {
    warn: ({ code }: { code: string }) => logged.push(`+${code}`),
    info: ({ code }: { code: string }) => logged.push(`-${code}`),
  }
  let overdueAtMs = NOW - 1
  const source = { ...certificates(), overdueAtMs: () => overdueAtMs }
  // Only these two of a logger are called.
  const late = logLateCertificates(source, logger as never, 5)
  t.teardown(() => late.close())
  t.same(logged, ['+certificate-renewal-overdue'])
  await sleep(30)
  t.equal(logged.length, 1)
  overdueAtMs = NOW + HOUR_MS
  await waitUntil('the second line', () => logged.length === 2)
  t.same(logged, ['+certificate-renewal-overdue', '-certificate-renewal-overdue'])
})
