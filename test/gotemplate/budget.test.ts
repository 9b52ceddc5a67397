/** The budget of templates, refused functions, and the sources of randomness and time. */
import fc from 'fast-check'
import t from 'tap'
import {
  Budget,
  compileTemplate,
  formatFloat,
  quote,
  sprigFunctions,
  TemplateExecError,
} from '../../src/gotemplate/index.ts'

function compile(text: string) {
  return compileTemplate({ name: 'inject', text }, { functions: sprigFunctions() })
}

t.test(
  'exceeding any limit of the budget ends the template with an error that names the limit',
  async (t) => {
    const rows = [
      ['{{range 100}}{{end}}', { maxSteps: 50 }, /too many steps; the limit is 50/],
      ['{{range 9}}abcdefghij{{end}}', { maxOutput: 80 }, /writes too much text; the limit is 80/],
      ['{{$x := repeat 90 "x"}}', { maxAllocated: 80 }, /build too much text; the limit is 80/],
      [
        '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}',
        { maxDepth: 9 },
        /maximum template depth \(9\)/,
      ],
    ] as const
    for (const [text, limits, message] of rows)
      t.throws(() => compile(text).execute({}, { limits }), { message }, text)
  },
)

t.test('one budget is shared by several executions', async (t) => {
  const budget = new Budget({ maxSteps: 150 })
  const compiled = compile('{{range 60}}{{end}}')
  compiled.execute({}, { budget })
  compiled.execute({}, { budget })
  t.ok(budget.steps > 100)
  t.throws(() => compiled.execute({}, { budget }), { code: 'template-budget-exceeded' })
})

t.test('work on large values costs steps', async (t) => {
  const entries = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`k${i}`, i]))
  const data = { m: entries, s: 'Ab c-'.repeat(60_000) }
  for (const call of [
    'omit $.m "a"',
    'join "-" (list $.m $.m)',
    'len $.m',
    'snakecase $.s',
    'kebabcase $.s',
    'camelcase $.s',
    'title $.s',
    'join "," (list (until 9000))',
  ]) {
    const text = `{{range 100000}}{{$x := ${call}}}{{end}}`
    t.throws(() => compile(text).execute(data), { code: 'template-budget-exceeded' }, call)
  }
})

t.test('a map whose last key was removed is empty', async (t) => {
  t.equal(
    compile('{{$d := dict "a" 1}}{{if $d}}y{{end}}{{$_ := unset $d "a"}}{{if $d}}y{{else}}n{{end}}').execute(
      {},
    ),
    'yn',
  )
})

t.test('a width beyond the limit is ignored, as in Go', async (t) => {
  t.equal(compile('{{printf "%1000000000d" 1}}').execute({}), '%!(NOVERB)%!(EXTRA int=1)')
})

t.test('unavailable functions are refused when the template is compiled', async (t) => {
  for (const name of ['genCA', 'bcrypt', 'htpasswd', 'derivePassword', 'getHostByName', 'encryptAES']) {
    t.throws(() => compile(`{{if false}}{{${name} "a"}}{{end}}`), { code: 'template-function-refused' }, name)
  }
})

t.test('randomness comes only from the seed', async (t) => {
  const forms = [
    ['randAlpha 8', /^[A-Za-z]{8}$/],
    ['randAlphaNum 8', /^[A-Za-z0-9]{8}$/],
    ['randNumeric 8', /^[0-9]{8}$/],
    ['randAscii 8', /^[ -~]{8}$/],
    ['randBytes 6', /^[A-Za-z0-9+/]{8}$/],
    ['randInt 3 5', /^[34]$/],
    ['shuffle "abc"', /^[abc]{3}$/],
    ['uuidv4', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ] as const
  for (const [call, form] of forms) {
    const compiled = compile(`{{${call}}}`)
    t.ok(compiled.impure, call)
    t.match(compiled.execute({}, { seed: 5 }), form, call)
    t.equal(compiled.execute({}, { seed: 5 }), compiled.execute({}, { seed: 5 }), `${call} again`)
  }
  t.not(
    compile('{{randAlpha 20}}').execute({}, { seed: 1 }),
    compile('{{randAlpha 20}}').execute({}, { seed: 2 }),
  )
  t.equal(compile('{{randAlpha 0}}').execute({}), '')
  for (const call of ['randInt 5 5', 'randBytes -1'])
    t.throws(() => compile(`{{${call}}}`).execute({}), TemplateExecError, call)
})

t.test('the time comes only from the given clock', async (t) => {
  const nowMs = Date.UTC(2024, 1, 29, 12, 30, 15, 250)
  const rows = [
    ['now', '2024-02-29 12:30:15.25 +0000 UTC'],
    ['now.UnixNano', '1709209815250000000'],
    ['now | date "2006-01-02"', '2024-02-29'],
    ['htmlDate "x"', '2024-02-29'],
    ['ago (dateModify "-90m" now)', '1h30m0s'],
    ['ago (dateModify "30s" now)', '-30s'],
    ['durationRound (dateModify "-49h" now)', '2d'],
    ['now.AddDate 1 1 1', '2025-03-30 12:30:15.25 +0000 UTC'],
  ] as const
  for (const [call, expected] of rows) t.equal(compile(`{{${call}}}`).execute({}, { nowMs }), expected, call)
})

t.test('quoted texts read back unchanged, and floats are written as JavaScript writes them', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      (text) => compile(`{{print ${quote(text)}}}`).execute({}) === text,
    ),
    { numRuns: 200 },
  )
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const shortest = value.toExponential().replace(/(?<=e[+-])(?=\d$)/, '0')
      return Object.is(value, -0) || formatFloat(value, 'e', -1) === shortest
    }),
    { numRuns: 500 },
  )
})

t.test('a regular expression costs the same whether it was compiled before or not', async (t) => {
  const template = compileTemplate(
    { name: 'main', text: '{{ regexMatch "^never-seen-[a-f]+$" "x" }}{{ regexMatch .long "x" }}' },
    { functions: sprigFunctions() },
  )
  const cost = (): number => {
    const budget = new Budget()
    template.execute({ long: `a${'b'.repeat(5_000)}` }, { budget })
    return budget.steps
  }
  const first = cost()
  t.ok(first > 5_000)
  t.equal(cost(), first)
})

t.test('append costs a step for each item, and lists that share their items stay apart', async (t) => {
  const grown = compile('{{$l := list}}{{range 5000}}{{$l = append $l .}}{{end}}{{len $l}} {{last $l}}')
  // Copying the list for each item would be 12.5 million steps.
  t.equal(grown.execute({}, { limits: { maxSteps: 50_000 } }), '5000 4999')
  const shared = compile(
    '{{$a := append (list 1) 2}}{{$b := append $a 3}}{{$c := append $a 4}}{{$a}} {{$b}} {{$c}} {{append $b 5}} {{$b | toJson}} {{range $a}}{{.}},{{end}} {{len $a}} {{index $b 2}} {{eq (len $c) 3}} {{deepCopy $a}} {{has 3 $a}}',
  )
  t.equal(shared.execute({}), '[1 2] [1 2 3] [1 2 4] [1 2 3 5] [1,2,3] 1,2, 2 3 true [1 2] false')
})
