/** The statistics that summarise rounds. */
import t from 'tap'
import { parseCores } from '../../bench/load/cores.ts'
import { type Round, summarise } from '../../bench/load/rounds.ts'
import { fitLine, median, percentile, spread } from '../../bench/statistics.ts'

t.test('median, percentile and spread are computed', async (t) => {
  t.equal(median([3, 1, 2]), 2)
  t.equal(median([4, 1, 3, 2]), 2, 'the lower middle of an even count')
  t.ok(Number.isNaN(median([])))
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  t.equal(percentile(hundred, 50), 50)
  t.equal(percentile(hundred, 99), 99)
  t.equal(percentile([7], 99), 7)
  t.equal(
    percentile([1, Number.POSITIVE_INFINITY], 99),
    Number.POSITIVE_INFINITY,
    'an answer that never came',
  )
  t.equal(spread([8, 10, 12]), 0.4)
})

t.test('a straight line is fitted, with its deviation', async (t) => {
  const straight = fitLine([1, 2, 3].map((x) => ({ x, y: 2 * x + 5 })))
  t.same(straight, { slope: 2, intercept: 5, closeness: 1 })
  const bent = fitLine([0, 1, 2, 3, 4].map((x) => ({ x, y: x ** 3 })))
  t.ok(bent.closeness < 0.95)
})

t.test('cores are parsed as taskset lists them', async (t) => {
  t.same(parseCores(' 0-2,5\n'), [0, 1, 2, 5])
  t.same(parseCores('3'), [3])
})

const round = (cpuMicros: number, requestsPerSecond: number, busy = 1): Round => ({
  cpuMicros,
  requestsPerSecond,
  busy,
  p50Ms: 1,
  p99Ms: cpuMicros / 10,
})

t.test('requests per second are compared only if both servers were busy', async (t) => {
  const both = summarise([round(30, 300), round(40, 250)], [round(60, 150), round(50, 200, 0.94)])
  t.equal(both.ratio, 0.6, 'the medians')
  t.same(both.ratios, [0.5, 0.8], 'pair by pair')
  t.equal(both.throughputRatio, 0.5, 'of the first pair alone')
  t.equal(both.p99Ratio, 5 / 3)
  t.equal(summarise([round(30, 300, 0.9)], [round(60, 150)]).throughputRatio, undefined)
})
