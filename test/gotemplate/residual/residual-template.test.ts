/** Replaying a trace gives the same output and cost as full execution, or nothing. */
import fc from 'fast-check'
import t from 'tap'
import {
  anyType,
  Budget,
  type CompiledTemplate,
  compileTemplate,
  type GoMap,
  PathNode,
  type ResidualOptions,
  type ResidualTemplate,
  sprigFunctions,
} from '../../../src/gotemplate/index.ts'
import { type Trees, treesOf } from './trees.ts'

const options: ResidualOptions = {
  constantFields: new Set(['Values']),
  keyed: [{ functions: ['index', 'get'], path: ['Meta', 'Annotations'] }],
}

function compile(text: string): CompiledTemplate {
  return compileTemplate({ name: 'main', text }, { functions: sprigFunctions() })
}

function residualOf(template: CompiledTemplate): Trees {
  const residual = template.residual(options)
  if (residual === undefined) throw new Error('the template is not remembered')
  return treesOf(residual)
}

/** Seen twice, and so remembered. */
function teach(residual: Trees, key: string, data: GoMap): void {
  for (let i = 0; i < 2; i++) residual.run(key, data, new Budget())
}

const VALUES = { hub: 'docker.io/istio', on: true, list: ['a', 'b'], map: { x: 1, y: 2 }, number: 3 }

const data = fc.record({
  Values: fc.constant(VALUES),
  Meta: fc.record({
    Name: fc.constantFrom('web', 'db', '', 'istio-proxy'),
    Labels: fc.dictionary(fc.constantFrom('app', 'version', 'z'), fc.string({ maxLength: 5 }), {
      noNullPrototype: true,
    }),
    Annotations: fc.dictionary(fc.constantFrom('cpu', 'other'), fc.constantFrom('1', '2'), {
      noNullPrototype: true,
    }),
  }),
  Items: fc.array(
    fc.record({
      Name: fc.constantFrom('one', 'two', 'stop', ''),
      Ports: fc.array(fc.nat(9), { maxLength: 3 }),
    }),
    { maxLength: 4 },
  ),
})

const STATEMENTS = [
  '{{ .Values.hub }}/{{ .Meta.Name }}',
  '{{ if .Values.on }}on{{ else }}off{{ end }}{{ if .Meta.Name }}named{{ else }}nameless{{ end }}',
  '{{ with .Meta.Name }}[{{ . }}]{{ else }}none {{ .Values.number }}{{ end }}',
  '{{ with $n := .Meta.Name }}{{ $n }}{{ end }}{{ with .Values.map }}{{ .x }}{{ end }}',
  '{{ range $i, $x := .Items }}{{ $i }}={{ $x.Name }};{{ range .Ports }}{{ . }},{{ else }}-{{ end }}{{ end }}',
  '{{ range .Items }}{{ if eq .Name "stop" }}{{ break }}{{ end }}{{ if not .Name }}{{ continue }}{{ end }}{{ .Name }}{{ else }}empty{{ end }}',
  '{{ range $k, $v := .Values.map }}{{ $k }}:{{ $v }}:{{ $.Meta.Name }};{{ end }}{{ range .Values.list }}{{ . }}{{ $.Meta.Name | quote }}{{ end }}',
  '{{ range $k, $v := .Meta.Labels }}{{ $k }}={{ $v }};{{ end }}',
  '{{ $first := true }}{{ range .Items }}{{ if not $first }},{{ end }}{{ .Name }}{{ $first = false }}{{ end }}{{ $first }}',
  '{{ $all := list }}{{ range .Items }}{{ $all = append $all .Name }}{{ end }}{{ $all | join "+" }}{{ if ge (len $all) 1 }}{{ index $all 0 }}{{ end }}',
  '{{ index .Meta.Annotations "cpu" | default "none" }}{{ if index $.Meta.Annotations "cpu" }}{{ $.Meta.Name }}{{ end }}',
  '{{ len .Meta.Annotations }}{{ .Meta.Labels | toJson }}',
  '{{ define "a" }}<{{ .Meta.Name }}{{ $.Values.hub }}>{{ end }}{{ template "a" . }}{{ template "a" $ }}',
  '{{ define "b" }}({{ . }}{{ $ }}){{ end }}{{ template "b" .Meta.Name }}{{ template "b" .Values.hub }}{{ define "c" }}c{{ end }}{{ template "c" }}',
  '{{ range .Items }}{{ with .Name }}{{ template "d" . }}{{ end }}{{ end }}{{ define "d" }}{{ . | upper }}{{ end }}',
  '{{ $x := .Values.hub }}{{ if .Meta.Name }}{{ $x = .Meta.Name }}{{ end }}{{ $x }}{{ $x = "c" }}{{ $x }}{{ .Meta.Name }}',
  '{{ index .Meta.Labels "app" | default .Meta.Name | trunc 3 | quote }}{{ or .Meta.Name .Values.hub }}{{ and .Values.on .Meta.Name }}',
  '{{ if index .Meta.Labels "app" }}{{ fail "app" }}{{ end }}fine',
]

t.test(
  'replaying a trace gives the same output and cost as executing the template, whatever came before',
  (t) => {
    const template = fc
      .array(fc.constantFrom(...STATEMENTS), { minLength: 1, maxLength: 4 })
      // A name is defined once.
      .map((parts) => [...new Set(parts)].join('\n'))
    const seen = { remembered: 0, executed: 0 }
    fc.assert(
      fc.property(template, fc.array(data, { minLength: 2, maxLength: 12 }), (text, all) => {
        const compiled = compile(text)
        const residual = residualOf(compiled)
        for (const one of [...all, ...all, ...all]) {
          const key = String(one.Meta.Annotations['cpu'])
          const [budget, whole] = [new Budget(), new Budget()]
          const found = residual.run(key, one, budget)
          if (found === undefined) {
            seen.executed++
            if (budget.steps !== 0) throw new Error('an attempt that gave nothing was charged')
            continue
          }
          seen.remembered++
          const expected = compiled.execute(one, { budget: whole })
          if (found.end.join(found.values) !== expected)
            throw new Error(`${found.end.join(found.values)} for ${expected}`)
          if (JSON.stringify(budget.usage()) !== JSON.stringify(whole.usage()))
            throw new Error(`${JSON.stringify(budget.usage())} charged for ${JSON.stringify(whole.usage())}`)
        }
      }),
      { seed: 7, numRuns: 300 },
    )
    t.ok(seen.remembered > seen.executed / 2, JSON.stringify(seen))
    t.end()
  },
)

const sample = (name: string, annotations: Record<string, string> = {}): GoMap => ({
  Values: VALUES,
  Meta: { Name: name, Labels: {}, Annotations: annotations },
  Items: [],
})

t.test('a trace is recorded from the second occurrence on', (t) => {
  const residual = residualOf(compile('{{ .Values.hub }}:{{ .Meta.Name }}'))
  t.equal(residual.run('', sample('a'), new Budget()), undefined)
  t.equal(residual.run('', sample('b'), new Budget()), undefined)
  const found = residual.run('', sample('c'), new Budget())
  t.same(found && [found.end.texts, found.values], [['docker.io/istio:', ''], ['c']])
  t.equal(residual.run('other', sample('c'), new Budget()), undefined, 'each key by itself')
  t.end()
})

t.test('the keys that are read by name are reported; a map that is used whole is read each time', (t) => {
  const named = residualOf(
    compile('{{ index .Meta.Annotations "cpu" }}{{ get $.Meta.Annotations "memory" }}'),
  )
  t.same([...named.keys], ['cpu', 'memory'])
  const whole = residualOf(compile('{{ len .Meta.Annotations }}'))
  t.same([...whole.keys], [])
  teach(whole, '', sample('a'))
  const found = whole.run('', sample('a', { x: '1', y: '2' }), new Budget())
  t.equal(found?.end.join(found.values), '2')
  t.end()
})

t.test(
  'reads of the clock, randomness, changed arguments and variables within arguments are not recorded as constants',
  (t) => {
    for (const text of [
      '{{ now }}',
      '{{ uuidv4 }}',
      '{{ $d := dict }}{{ $_ := set $d "a" 1 }}{{ $d }}',
      '{{ if and true ($x := .Meta.Name) }}{{ $x }}{{ end }}',
    ])
      t.equal(compile(text).residual(options), undefined, text)
    t.end()
  },
)

t.test('a template whose execution fails has no trace', (t) => {
  const residual = residualOf(compile('{{ if eq .Meta.Name "bad" }}{{ fail "no" }}{{ end }}{{ .Meta.Name }}'))
  for (const name of ['bad', 'bad', 'bad']) t.equal(residual.run('', sample(name), new Budget()), undefined)
  teach(residual, '', sample('good'))
  t.same(residual.run('', sample('fine'), new Budget())?.values, ['fine'])
  t.equal(residual.run('', sample('bad'), new Budget()), undefined)
  t.end()
})

t.test('loops over integers and over maps of the request are executed each time', (t) => {
  const residual = residualOf(compile('{{ range 3 }}{{ $.Meta.Name }}{{ end }}'))
  for (let i = 0; i < 4; i++) t.equal(residual.run('', sample('a'), new Budget()), undefined)
  const maps = residualOf(compile('{{ range .Meta.Labels }}{{ . }}{{ end }}'))
  for (let i = 0; i < 4; i++) t.equal(maps.run('', sample('a'), new Budget()), undefined)
  t.end()
})

t.test('a budget too small for full execution is too small for a replay', (t) => {
  const text =
    '{{ range .Values.list }}{{ $.Meta.Name | repeat 3 }}{{ end }}{{ template "a" }}{{ define "a" }}{{ end }}'
  const residual = residualOf(compile(text))
  teach(residual, '', sample('a'))
  t.ok(residual.run('', sample('a'), new Budget()))
  for (const limits of [{ maxSteps: 2 }, { maxOutput: 1 }, { maxAllocated: 0 }, { maxDepth: 0 }]) {
    const budget = new Budget(limits)
    t.equal(residual.run('', sample('a'), budget), undefined, JSON.stringify(limits))
    t.equal(budget.steps, 0)
  }
  t.end()
})

t.test('a path that would take too many bytes is no longer recorded, and the others stay', (t) => {
  const text = '{{ if .Meta.Name }}{{ range .Items }}{{ .Name }},{{ end }}{{ end }}{{ .Values.hub }}'
  const trees = treesOf(
    compile(text).residual(options) as ResidualTemplate, // it has nothing that cannot be followed
    (bytes, textLength) => bytes + 100 * textLength < 10_000,
  )
  const of = (count: number): GoMap => ({
    ...sample('a'),
    Items: Array.from({ length: count }, () => ({ Name: 'n' })),
  })
  for (const count of [2, 200]) for (let i = 0; i < 3; i++) trees.run('', of(count), new Budget())
  t.ok(trees.run('', of(2), new Budget()))
  t.equal(trees.run('', of(200), new Budget()), undefined)
  t.ok(
    trees.run('', { ...of(0), Meta: { Name: '', Labels: {}, Annotations: {} } }, new Budget()) === undefined,
  )
  t.end()
})

t.test('a tree reports how much it has grown, and nothing is added to it twice', (t) => {
  const residual = compile('{{ .Values.hub }}{{ .Meta.Name }}').residual(options) as ResidualTemplate
  const tree = new PathNode()
  const first = residual.record(tree, sample('a'), () => true)
  t.equal(first.textLength, 'docker.io/istio'.length)
  t.ok(first.bytes > 2 * first.textLength)
  t.match(
    residual.record(tree, sample('b'), () => true),
    { bytes: 0, textLength: 0 },
  )
  t.end()
})

t.test('texts that were cut within a character are joined again', (t) => {
  const template = compile('{{ .Meta.Name | trunc 1 }}{{ .Meta.Name | trunc -1 }}')
  const residual = residualOf(template)
  teach(residual, '', sample('ä'))
  const found = residual.run('', sample('ö'), new Budget())
  t.equal(found?.end.join(found.values), template.execute(sample('ö')))
  t.equal(found?.end.join(found.values), 'ö')
  t.end()
})

t.test('an interface without a value is written as Go writes it', (t) => {
  const template = compile('{{ .Meta.Missing }}{{ .Missing }}')
  const residual = residualOf(template)
  teach(residual, '', sample('a'))
  const found = residual.run('', sample('a'), new Budget())
  t.equal(found?.end.join(found.values), template.execute(sample('a')))
  t.equal(anyType.kind, 'interface')
  t.end()
})
