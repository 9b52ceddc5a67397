/** A running server's findings: from its snapshot alone, in the background, bounded, and the same as those of `check`. */
import t from 'tap'
import { askAdmin } from '../../src/admin/index.ts'
import { checkCluster, serverRules } from '../../src/analysis/index.ts'
import { codes } from '../../src/inject/index.ts'
import { ServeFindings } from '../../src/server/index.ts'
import { factsOf, healthy } from '../analysis/check/check-fixture.ts'
import { namespace } from '../revisions/cluster-objects.ts'
import { waitUntil } from '../wait-until.ts'
import { serveFolder, writeCluster } from './serve-folder.ts'

type Objects = Parameters<typeof factsOf>[0]

/** What is found once it is settled; the rules see the newest snapshot. */
function serving(first: Objects, now?: () => number) {
  let { snapshot } = factsOf(first)
  const defects: unknown[] = []
  const findings = new ServeFindings({
    cluster: { snapshot: () => snapshot },
    inject: {},
    onDefect: (error) => void defects.push(error),
    settleMs: 1,
    ...(now !== undefined && { now }),
  })
  const change = (objects: Objects): void => {
    snapshot = factsOf(objects).snapshot
    findings.refresh()
  }
  return { findings, change, defects, fail: () => ({ snapshot } = { snapshot: undefined as never }) }
}

const mistaken = [
  ...healthy,
  namespace('lost', { 'istio.io/rev': 'gone' }),
  namespace('kube-system', { 'istio-injection': 'enabled' }),
  namespace('both', { 'istio-injection': 'enabled', 'istio.io/dataplane-mode': 'ambient' }),
]

t.test(
  'after a change the server reports the same findings as check for namespaces and configurations',
  async (t) => {
    const { findings, change, defects } = serving(healthy)
    t.teardown(() => findings.close())
    change(mistaken)
    t.same(findings.current(), [], 'not at once: a review may be waiting')
    await waitUntil('the findings', () => findings.current().length > 0)
    const lines = (all: readonly { code: string; where: { object: string }; message: string }[]) =>
      all.map(({ code, where, message }) => `${code} ${where.object}: ${message}`).sort()
    const checked = checkCluster(factsOf(mistaken)).findings
    t.same(lines(findings.current()), lines(checked))
    t.same(
      findings
        .counts()
        .map(({ code, severity, count }) => [code, severity, count])
        .toSorted(),
      findings
        .current()
        .map(({ code, severity }) => [code, severity, 1])
        .toSorted(),
    )
    change(healthy)
    await waitUntil('the findings', () => findings.current().length === 0)
    t.same(defects, [])
  },
)

t.test('at most 1,000 findings are kept, and all are counted', async (t) => {
  const many = Array.from({ length: 1500 }, (_, n) => namespace(`n${n}`, { 'istio.io/rev': `gone${n}` }))
  const { findings, change } = serving(healthy)
  t.teardown(() => findings.close())
  change([...healthy, ...many])
  await waitUntil('the findings', () => findings.current().length > 0)
  t.equal(findings.current().length, 1000)
  t.same(
    findings.counts().map(({ count }) => count),
    [1500],
  )
})

t.test('a run is followed by a pause of nine times its length', async (t) => {
  let nowMs = 0
  const { findings, change } = serving(healthy, () => {
    nowMs += 100
    return nowMs
  })
  t.teardown(() => findings.close())
  change(mistaken)
  await waitUntil('the findings', () => findings.current().length > 0)
  const [before, began] = [findings.current(), performance.now()]
  change(healthy)
  await waitUntil('the findings', () => findings.current() !== before)
  t.ok(performance.now() - began > 500, 'the clock above made the first run take 100 ms')
})

t.test('a rule that throws keeps the previous findings, and a closed server runs no rules', async (t) => {
  const { findings, change, defects, fail } = serving(healthy)
  change(mistaken)
  await waitUntil('the findings', () => findings.current().length > 0)
  const before = findings.current()
  fail()
  findings.refresh()
  await waitUntil('the findings', () => defects.length > 0)
  t.equal(findings.current(), before)
  await findings.close()
  change(healthy)
  t.equal(findings.current(), before)
})

t.test('the rules of the server need no further reads, and their codes are a closed set', async (t) => {
  t.ok(serverRules.length > 8)
  for (const rule of serverRules) {
    t.same(rule.needs, [])
    t.ok(rule.codes.every((code) => Object.hasOwn(codes, code)))
  }
})

t.test('remora status and the metrics show the findings', async (t) => {
  const folder = writeCluster(
    t.testdir(),
    mistaken.map(({ object }) => object),
  )
  const { running } = await serveFolder(t, folder)
  const state = async () => JSON.stringify(await askAdmin(running.adminSocket ?? '', { about: 'server' }))
  await waitUntil('the findings', async () => (await state()).includes('revision-label-unserved'))
  t.match(
    await state(),
    /"findings":\[\{"severity":"error","code":"revision-label-unserved","where":"Namespace lost"/,
  )
  const metrics = await (await fetch(`${running.healthUrl}/metrics`)).text()
  t.match(metrics, /^remora_findings\{code="revision-label-unserved",severity="error"\} 1$/m)
  t.match(metrics, /^remora_findings\{code="ambient-and-sidecar",severity="warning"\} 1$/m)
})
