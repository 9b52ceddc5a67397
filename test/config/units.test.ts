/** Durations, and option values of one megabyte, which are parsed or refused in linear time. */
import t from 'tap'
import * as units from '../../src/config/units.ts'

t.test('durations are parsed with every unit', async (t) => {
  for (const [text, ms] of [
    ['0', 0],
    ['500ms', 500],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['1m1ms', 60_001],
  ] as const)
    t.same(units.parseDurationMs(text), { ok: true, value: ms }, text)
  for (const text of ['', '1', 's', '1m 30s', '1.s', '1mx', 'x1m', '-1s', '25d', '600h'])
    t.equal(units.parseDurationMs(text).ok, false, text)
})

t.test('a value of one megabyte is parsed in linear time', async (t) => {
  const parsers = {
    ...units,
    parseInteger: units.parseInteger(0, 9),
    parseChoice: units.parseChoice(['a', 'b']),
    parseChoices: units.parseChoices(['a', 'b']),
  }
  for (const unit of ['0', '1m', '1.', 'm', '-', ',', '/', 'a.', 'a,', '1.2.3+'])
    for (const end of ['', '!']) {
      const text = unit.repeat(1_000_000 / unit.length) + end
      for (const [name, parse] of Object.entries(parsers))
        t.type(parse(text).ok, 'boolean', `${name} ${unit}`)
    }
})
