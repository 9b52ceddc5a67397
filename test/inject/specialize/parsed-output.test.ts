/** Values are inserted into a parsed output exactly if parsing the text again would give the same result. */
import fc from 'fast-check'
import t from 'tap'
import { Budget, compileTemplate, sprigFunctions } from '../../../src/gotemplate/index.ts'
import {
  type ParsedOutput,
  parseOutput,
  quotedValues,
  readValues,
} from '../../../src/inject/specialize/parsed-output.ts'
import { ConstantTexts, equalJson, type JsonValue, parseYaml } from '../../../src/json/index.ts'
import { treesOf } from '../../gotemplate/residual/trees.ts'

const NAMES = ['a', 'b', 'c'] as const
type Values = { readonly [name in (typeof NAMES)[number]]: string }

/** The output of a template in which the three values are written, and how further values go through it. */
function learn(text: string, values: Values) {
  const template = compileTemplate({ name: 'main', text }, { functions: sprigFunctions() })
  const residual = template.residual({ constantFields: new Set(), keyed: [] })
  if (residual === undefined) throw new Error('the template cannot be specialised')
  const trees = treesOf(residual)
  const run = (data: Values) => trees.run('', { ...data }, new Budget())
  run(values)
  run(values)
  const known = run(values)
  if (known === undefined) throw new Error('the path is not known')
  const parsed = parseOutput(known.end, quotedValues(known.values), new ConstantTexts())
  return {
    parsed,
    /** Undefined: it must be read. */
    fill(data: Values): JsonValue | undefined {
      const found = run(data)
      const read = found && parsed && readValues(parsed, found.values)
      return read && (parsed as ParsedOutput).build(read)
    },
    read: (data: Values): JsonValue => parseYaml(template.execute({ ...data })),
  }
}

const ORDINARY: Values = { a: 'web', b: 'shop', c: 'v1' }

const TEXTS = [
  'plain: {{ .a }}\nother: x-{{ .b }}/{{ .c }}\n',
  'double: "{{ .a }}"\nquoted: {{ .b | quote }}\nlist: ["{{ .c }}", 1]\n',
  "single: '{{ .a }}'\nmap: { k: {{ .b }}, l: '{{ .c }}' }\n",
  'block: |-\n  [\n  {{ .a }},\n    {{ .b }}\n  ]\nend: {{ .c }}\n',
  'list:\n- {{ .a }}\n- name: {{ .b }}\n  value: "say \\"{{ .c }}\\" twice"\n',
  'same: {{ .a }} and {{ .b }}\ntext: |\n       {{ .c | quote }}\n',
]

const nasty = fc.constantFrom(
  ...[
    '',
    ' ',
    'a',
    'web-1',
    'a.b/c_d',
    '12',
    '0x1f',
    '1e3',
    'true',
    'no',
    'y',
    '~',
    'null',
    '.5',
    '-',
    '--- x',
  ],
  ...[
    'a: b',
    'a:',
    ': a',
    'a #b',
    '#a',
    '"',
    '"q"',
    "'",
    "o'k",
    '\\',
    '\\n',
    'a\nb',
    '\n',
    'a\n  b: c',
    '\t',
    ' a',
    'a ',
  ],
  ...[
    '{a}',
    '[a]',
    'a, b',
    '&a',
    '*a',
    '!a',
    '|',
    '>',
    '%a',
    '@a',
    '`a',
    'ä',
    '\u2028',
    '\u0001',
    '\ud800',
    '<<',
    '?',
  ],
  'x'.repeat(600),
)
const value = fc.oneof({ weight: 3, arbitrary: nasty }, { weight: 1, arbitrary: fc.string({ maxLength: 6 }) })
const values = fc.record({ a: value, b: value, c: value })

t.test('for any values the filled structure equals the parsed text, or there is none', (t) => {
  let filled = 0
  for (const text of TEXTS) {
    const learnt = learn(text, ORDINARY)
    t.ok(learnt.parsed, `${JSON.stringify(text)} is parsed`)
    fc.assert(
      fc.property(values, (data) => {
        const built = learnt.fill(data)
        if (built === undefined) return
        filled++
        if (!equalJson(built, learnt.read(data)))
          throw new Error(`${JSON.stringify(built)} for ${JSON.stringify(data)}`)
      }),
      { seed: 11, numRuns: 4000 },
    )
  }
  t.ok(filled > 500, `${filled} were put in`)
  t.end()
})

t.test('ordinary values fill their slots', (t) => {
  for (const text of TEXTS) {
    const learnt = learn(text, ORDINARY)
    const other = { a: 'web-2', b: 'payments', c: 'v2.1' }
    t.same(learnt.fill(other), learnt.read(other), text)
  }
  t.end()
})

t.test('an output whose values are not whole YAML values has no slots', (t) => {
  for (const [text, why] of [
    ['{{ .a }}: x\n', 'a key'],
    ['x: 1 # {{ .a }}\n', 'a comment'],
    ['x: &n {{ .a }}\ny: *n\n', 'an anchor'],
    ['x: !!str {{ .a }}\n', 'a tag'],
    ['x: >\n  {{ .a }}\n', 'a folded block'],
    ['x: {{ .a }}\nx: y\n', 'a key that comes again'],
    ['x: y\n---\nz: {{ .a }}\n', 'another document'],
    ['- {{ .a }}\n', 'a list, which is no pod'],
    ['x: {{ .b }}: {{ .a }}\n', 'no YAML'],
  ] as const)
    t.equal(learn(text, ORDINARY).parsed, undefined, why)
  const number = learn('x: {{ .a }}\n', { ...ORDINARY, a: '12' })
  t.equal(number.fill({ ...ORDINARY, a: '12' }), undefined, 'what reads as a number')
  t.same(number.fill(ORDINARY), { x: ORDINARY.a }, 'and hinders no other value')
  t.end()
})

t.test("an output that contains the placeholder's letters gets a different placeholder", (t) => {
  const learnt = learn('x: slot0z slot {{ .a }}\n', ORDINARY)
  t.same(learnt.fill({ ...ORDINARY, a: 'slot1z' }), { x: 'slot0z slot slot1z' })
  t.end()
})
