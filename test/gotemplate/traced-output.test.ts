/** Which expression of a template wrote a part of its output, and what it reads. */
import t from 'tap'
import { anyType, compileTemplate, type KeyFunctions, wrap } from '../../src/gotemplate/index.ts'
import type { JsonValue } from '../../src/json/index.ts'

const keyFunctions: KeyFunctions = new Map([['first', ['Inner']]])

function trace(text: string, data: JsonValue = {}) {
  return compileTemplate({ name: 'x', text }).traced(keyFunctions).execute(wrap(anyType, data))
}

const all = () => true
const written = (text: string, data?: JsonValue) => {
  const output = trace(text, data)
  return output.expressions(all).map(({ start, end, line, expression, reads }) => ({
    line,
    expression,
    wrote: output.text.slice(start, end),
    reads: reads.map((path) => path.join('.')),
  }))
}

t.test('each expression is traced with its line, its output and the data that it reads', async (t) => {
  t.same(written('a: {{ .a.b }}\nb: {{ print .a.c "x" }}', { a: { b: 1, c: 2 } }), [
    { line: 1, expression: '.a.b', wrote: '1', reads: ['a.b'] },
    { line: 2, expression: 'print .a.c "x"', wrote: '2x', reads: ['a.c'] },
  ])
  t.same(written('{{ index .a "b" "c" }}', { a: { b: { c: 5 } } })[0]?.reads, ['a.b.c'])
  t.same(written('no {{ "constant" }}')[0]?.reads, [])
})

t.test('reads through variables, with, range and template calls are traced', async (t) => {
  const reads = (text: string, data: JsonValue) => written(text, data).map((one) => one.reads.join(' '))
  const data = { a: { b: 'x' }, l: ['y', 'z'], m: { k: 'v' } }
  t.same(reads('{{ $x := .a }}{{ $x.b }}', data), ['a.b'])
  t.same(reads('{{ with .a }}{{ .b }}{{ $.l }}{{ end }}', data), ['a.b', 'l'])
  t.same(reads('{{ range .l }}{{ . }}{{ end }}', data), ['l.*', 'l.*'])
  t.same(reads('{{ range $k, $v := .m }}{{ $k }}{{ $v }}{{ end }}', data), ['', 'm.*'])
  t.same(reads('{{ define "d" }}{{ .b }}{{ end }}{{ template "d" .a }}', data), ['a.b'])
  t.same(reads('{{ $x := .a.b }}{{ if .l }}{{ $x = .m.k }}{{ end }}{{ $x }}', data), ['a.b m.k'])
  t.same(reads('{{ with $y := .a }}{{ $y.b }}{{ end }}', data), ['a.b'])
  t.same(reads('{{ print (print .a.b) .m.k }}', data), ['a.b m.k'])
  t.same(
    reads(
      '{{ define "r" }}{{ .k }}{{ if false }}{{ template "r" .x }}{{ end }}{{ end }}{{ template "r" .m }}',
      data,
    ),
    ['m.k m.x.k m.x.x.k m.x.x.x.k'],
  )
})

t.test('each line of the output is mapped to the line of the template that wrote it', async (t) => {
  const output = trace('a:\n{{- if true }}\n  b: {{ .b }}\n  c: {{ .c }}{{ .d }}\n{{- end }}\n', {
    b: 'one\n  e: two',
    c: 1,
    d: 2,
  })
  t.equal(output.text, 'a:\n  b: one\n  e: two\n  c: 12\n')
  t.equal(output.lineText(3), '  e: two')
  t.equal(output.lineText(9), undefined)
  t.same(
    [1, 2, 3, 4].map((line) => output.templateLine(line)),
    [1, 3, 3, 4],
  )
  t.same(
    output.expressionsOfLine(3).map(({ expression }) => expression),
    ['.b'],
  )
  t.same(
    output.expressionsOfLine(4).map(({ expression }) => expression),
    ['.c', '.d'],
  )
})
