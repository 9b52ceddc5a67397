/** Lines of rendered YAML are parsed like by the earlier regular expressions, and in linear time. */
import t from 'tap'
import {
  countOpen,
  splitFlowLine,
  splitLine,
  startsBlockScalar,
} from '../../../src/analysis/explain/yaml-line.ts'
import { lengthWithoutQuotes } from '../../../src/gotemplate/trace/traced-output.ts'

const headOf = (line: string) => splitLine(line)?.head
const MEGABYTE = 1_000_000

t.test('the key part of a line ends where the value starts', async (t) => {
  for (const [line, head] of [
    ['image: a:1', 'image: '],
    ['  - name: web', '  - name: '],
    ['  - - 1', '  - - '],
    ['- http://a', '- '],
    ['  plain text', '  '],
    ['"a: b": c', '"a: b": '],
    ["'a':  c", "'a':  "],
    ['-dash: c', '-dash: '],
    ['-: c', ''],
    ['a:b: c', ''],
    ['{a: 1}', ''],
    ['a: "b', 'a: '],
    ['"open: x', ''],
  ] as const)
    t.equal(headOf(line), head, line)
  for (const empty of ['', '   ', '- ', 'key: ', '- key:   ']) t.equal(splitLine(empty), undefined, empty)
  t.equal(splitLine('key:')?.value, 'key:')
})

t.test('inside braces a comma is not part of the value', async (t) => {
  for (const [line, head, value, end] of [
    ['  a: 1,', '  a: ', '1', ','],
    ['"a":\t"b"  ', '"a":\t', '"b"', '  '],
    ['a: b, c,  ', 'a: ', 'b, c', ',  '],
    ['a: ,', 'a: ', ',', ''],
  ] as const)
    t.same(splitFlowLine(line), { head, value, end }, line)
  for (const other of ['a: {', 'a: [1]', 'a:1', 'a', 'a,b: 1', ': 1', 'a: '])
    t.equal(splitFlowLine(other), undefined, other)
})

t.test('block scalars, open braces and trailing quotes are handled', async (t) => {
  for (const line of ['a: |', '- >-', 'a: |2+ # note', '|', 'a: > '])
    t.equal(startsBlockScalar(line), true, line)
  for (const line of ['a: b|', 'a: | b', 'a: >x', '']) t.equal(startsBlockScalar(line), false, line)
  for (const [line, open] of [
    ['a: {b: [', 2],
    ['}]', -2],
    ['a: "{" \'[\' {', 1],
    ['a: "\\"{" {', 1],
    ["don't {", 1],
    ['"open {', 1],
  ] as const)
    t.equal(countOpen(line), open, line)
  t.equal(lengthWithoutQuotes('a: "b"  '), 5)
  t.equal(lengthWithoutQuotes('""'), 0)
})

t.test('a line of one megabyte is handled in linear time', async (t) => {
  for (const unit of [
    '- ',
    '"',
    "'",
    '"\\',
    '\\"',
    'a: ',
    ': ',
    ' |',
    '# ',
    ' ',
    ',',
    ', ',
    'a',
    '{',
    '"a": ',
    '-',
    '\r',
    '| # ',
  ])
    for (const [before, after] of [
      ['', ''],
      ['a: b', 'x'],
      ['a: ', '\r'],
      ['', '\rx'],
    ] as const) {
      const line = `${before}${unit.repeat(MEGABYTE / unit.length)}${after}`
      const parts = splitLine(line)
      if (parts !== undefined) t.equal(parts.head.length + parts.value.length, line.length)
      const flow = splitFlowLine(line)
      if (flow !== undefined) t.equal(flow.head.length + flow.value.length + flow.end.length, line.length)
      t.type(startsBlockScalar(line), 'boolean')
      t.ok(Math.abs(countOpen(line)) <= line.length)
      t.ok(lengthWithoutQuotes(line) <= line.length)
    }
})
