/** Parts of the benchmark that need no server: the history, sections of the README, profiles and measured steps. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { type HistoryLine, judge, lineToCompare, parseHistory } from '../../bench/check/history.ts'
import { STEPS, StepMeter, wrapFunction } from '../../bench/micro/steps.ts'
import { selfTimes, shareByOwner } from '../../bench/profile/self-time.ts'
import { replaceSection } from '../../bench/readme-section.ts'

const line = (given: Partial<HistoryLine>): HistoryLine => ({
  date: '2026-01-01T00:00:00.000Z',
  node: '26.9.0',
  cpu: 'x',
  reviews: 'corpus',
  client: 'wrk',
  connections: 8,
  ratios: {},
  ...given,
})

t.test('a ratio may fall within the tolerance, and gains and new mixes never fail', async (t) => {
  const before = line({ ratios: { typical: 0.8, rich: 0.5, skipped: 0.9 } })
  const now = line({ ratios: { typical: 0.73, rich: 0.44, skipped: 1, unseen: 0.1 } })
  const worse = judge(before, now, 0.1).filter((verdict) => verdict.worse)
  t.same(
    worse.map(({ mix }) => mix),
    ['rich'],
  )
  t.same(
    judge(undefined, now, 0.1).filter((verdict) => verdict.worse),
    [],
  )
})

t.test('the newest line with the same reviews and client counts is used', async (t) => {
  const history = [
    line({ date: '1' }),
    line({ date: '2' }),
    line({ date: '3', client: 'autocannon' }),
    line({ date: '4', reviews: 'own' }),
  ]
  t.equal(lineToCompare(history, line({}))?.date, '2')
  t.equal(lineToCompare([], line({})), undefined)
  const text = history.map((one) => JSON.stringify(one)).join('\n')
  t.same(parseHistory(`${text}\n\n`), history)
  t.throws(() => parseHistory(`${text}\n{`), /history\.jsonl:5/)
})

t.test('a section of the README is replaced between its markers, and nothing else', async (t) => {
  const text = 'a\n<!-- x: written by the bench -->\nold\n<!-- end of x -->\nb\n'
  const changed = replaceSection(text, 'x', '\nnew $& $1\n')
  t.equal(changed, 'a\n<!-- x: written by the bench -->\n\nnew $& $1\n\n<!-- end of x -->\nb\n')
  t.equal(replaceSection(changed, 'x', 'new $& $1'), changed, 'again')
  t.throws(() => replaceSection(text, 'y', ''), /no section/)
  const readme = readFileSync(new URL('../../bench/README.md', import.meta.url), 'utf8')
  for (const name of ['load', 'micro', 'memory', 'growth', 'profile'])
    t.doesNotThrow(() => replaceSection(readme, name, ''), name)
})

t.test('self times are summed by function and package, without start-up and idle time', async (t) => {
  const frame = (id: number, functionName: string, url: string) => ({
    id,
    callFrame: { functionName, url, lineNumber: 4, columnNumber: 0 },
  })
  const nodes = [
    frame(1, '(idle)', ''),
    frame(2, 'inject', 'file:///p/src/inject/inject.ts'),
    frame(3, '', 'file:///p/node_modules/@a/b/c.js'),
    frame(4, 'parse', ''),
  ]
  const profile = {
    nodes,
    startTime: 1000,
    samples: [4, 1, 2, 2, 3, 4],
    timeDeltas: [10, 100, 30, 30, 20, 20],
  }
  const costs = selfTimes(profile, 'file:///p/', 1011)
  t.same(costs, [
    { name: 'inject', place: 'src/inject/inject.ts:5', share: 0.6 },
    { name: '(anonymous)', place: 'node_modules/@a/b/c.js:5', share: 0.2 },
    { name: 'parse', place: '', share: 0.2 },
  ])
  t.same(
    [...shareByOwner(costs)],
    [
      ['inject', 0.6],
      ['@a/b', 0.2],
      ['engine, native code', 0.2],
    ],
  )
})

t.test('the measured steps exist where the table says', async (t) => {
  for (const step of STEPS) {
    const text = readFileSync(new URL(`../../src/${step.file}`, import.meta.url), 'utf8')
    t.match(wrapFunction(text, step), `const ${step.fn} = globalThis.__measureStep`, step.name)
  }
  t.equal(wrapFunction('const a = 1', { name: 'x', fn: 'a' }), undefined)
})

t.test('a step is counted without the steps inside it, even if one throws', async (t) => {
  let time = 0
  const meter = new StepMeter()
  const inner = meter.wrap('inner', (fail) => {
    time += 5
    if (fail === true) throw new Error('refused')
  })
  const outer = meter.wrap('outer', (fail) => {
    time += 1
    inner(false)
    inner(fail)
    time += 2
  })
  outer(false)
  t.same(meter.steps.get('outer'), { calls: 0, total: 0 }, 'only while measuring')
  meter.measure(() => time)
  outer(false)
  t.throws(() => outer(true), /refused/)
  t.same(meter.steps.get('outer'), { calls: 2, total: 4 })
  t.same(meter.steps.get('inner'), { calls: 4, total: 20 })
})
