import t from 'tap'
import {
  compileTemplate,
  type GoValue,
  sprigFunctions,
  TemplateExecError,
  TemplateParseError,
} from '../../src/gotemplate/index.ts'

function run(text: string, data: GoValue = {}): string {
  return compileTemplate({ name: 'inject', text }, { functions: sprigFunctions() }).execute(data)
}

t.test('templates produce the same output as Go', async (t) => {
  const data = { s: 'text', l: ['a', 'b'], m: { b: 2, a: 'x' }, n: 1e6, nul: null }
  const cases: readonly (readonly [string, string])[] = [
    ['{{.s}} {{.n}} {{.m}} {{.l}} {{.missing}}', 'text 1e+06 map[a:x b:2] [a b] <no value>'],
    ['{{range $i, $e := .l}}{{$i}}{{$e}}{{else}}none{{end}}', '0a1b'],
    ['{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}', 'a=x;b=2;'],
    ['{{with .missing}}x{{else with .s}}{{.}}{{end}}', 'text'],
    ['a {{- /* c */ -}} b', 'ab'],
    ['{{define "T"}}<{{.}}>{{end}}{{template "T" .s}}', '<text>'],
    ['{{printf "%05d|%-4s|%q|%v|%t" 42 "a" "b" 1.5 true}}', '00042|a   |"b"|1.5|true'],
    ['{{$x := 1}}{{if true}}{{$x = 2}}{{$y := 3}}{{end}}{{$x}}', '2'],
    ['{{range 5}}{{if eq . 3}}{{break}}{{end}}{{.}}{{end}}', '012'],
    ['{{quote .s .nul}} {{.missing | default "d"}} {{join "," .l}}', '"text" d a,b'],
    ['{{trunc 3 .s}}{{nindent 2 .s}}{{toJson .m}}', 'tex\n  text{"a":"x","b":2}'],
    ['{{.constructor}}{{.__proto__}}', '<no value><no value>'],
  ]
  for (const [text, expected] of cases) t.equal(run(text, data), expected, text)
})

t.test('errors name class, line and column', async (t) => {
  t.match(thrown('a\n{{nosuch}}'), { class: 'undefined-function', line: 2, column: 3 })
  t.match(thrown('{{genCA "a" 1}}'), { code: 'template-function-refused', class: 'function-refused' })
  t.match(thrown('\n\n {{.s.x}}', { s: 'text' }), { class: 'no-field', line: 3 })
  t.match(thrown('{{fail "no"}}'), { class: 'function-error' })
})

t.test('hostile templates end with a template error', async (t) => {
  const hostile = [
    '{{until 1000000000}}',
    '{{repeat 1000000000 "x"}}',
    '{{range 1000000000}}{{end}}',
    '{{define "T"}}{{template "T" .}}{{end}}{{template "T" .}}',
    '{{range until 100000}}{{repeat 100 "x"}}{{end}}',
  ]
  for (const text of hostile) t.ok(thrown(text) instanceof TemplateExecError, text)
})

function thrown(text: string, data: GoValue = {}): unknown {
  try {
    return run(text, data)
  } catch (error) {
    if (error instanceof TemplateParseError || error instanceof TemplateExecError) return error
    throw error
  }
}
