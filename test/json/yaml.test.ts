import fc from 'fast-check'
import t from 'tap'
import {
  encodeGoJson,
  encodeYaml,
  JsonError,
  jsonToYaml,
  parseJson,
  parseYaml,
  parseYamlStringList,
  parseYamlStringMap,
  readYamlDocuments,
  yamlToJson,
} from '../../src/json/index.ts'
import { ENCODE_CASES, YAML_CASES, YAML_TEXT_CASES } from './go-yaml-cases.ts'

/** The result, or null if the function throws one of its own errors. */
function orNull(run: () => string): string | null {
  try {
    return run()
  } catch (error) {
    if (error instanceof JsonError) return null
    throw error
  }
}

/** For the names of assertions, which must not hold line breaks of any kind. */
function show(text: string): string {
  return JSON.stringify(text.slice(0, 100)).replace(
    /[^\x20-\x7e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16)}`,
  )
}

function refusal(run: () => unknown): JsonError {
  try {
    run()
  } catch (error) {
    if (error instanceof JsonError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

for (const group of new Set(YAML_CASES.map(([name]) => name))) {
  t.test(`YAML is read as Go reads it: ${group}`, async (t) => {
    for (const [name, yaml, json] of YAML_CASES) {
      if (name !== group) continue
      t.equal(
        orNull(() => yamlToJson(yaml)),
        json,
        show(yaml),
      )
      const loose = json === null ? null : orNull(() => encodeGoJson(parseJson(json)))
      t.equal(
        orNull(() => encodeGoJson(parseYaml(yaml))),
        loose,
        `${show(yaml)} as JSON value`,
      )
    }
  })
}

t.test('YAML is read into maps and lists of strings as Go does', async (t) => {
  for (const [target, yaml, json] of YAML_TEXT_CASES) {
    const read = target === 'map' ? parseYamlStringMap : parseYamlStringList
    t.equal(
      orNull(() => encodeGoJson(read(yaml))),
      json,
      show(yaml),
    )
  }
  t.match(
    refusal(() => parseYamlStringMap('a: [1]', { source: 'env' })),
    { code: 'yaml-value', source: 'env' },
  )
})

t.test('YAML is written as Go writes it', async (t) => {
  for (const [json, yaml] of ENCODE_CASES) {
    const name = show(json)
    t.equal(
      orNull(() => encodeYaml(parseJson(json))),
      yaml,
      name,
    )
    t.equal(
      orNull(() => jsonToYaml(encodeGoJson(parseJson(json)))),
      yaml,
      `${name} as text`,
    )
  }
  t.equal(encodeYaml({ n: 9223372036854775807n }), '"n": 9223372036854775807\n')
  t.equal(
    jsonToYaml('{"f":1E6,"z":-0.0,"i":18446744073709551615}'),
    'f: 1e+06\ni: 18446744073709551615\nz: -0\n',
  )
  t.equal(jsonToYaml('[.inf, -.inf, .nan]'), '- .inf\n- -.inf\n- .nan\n')
  t.equal(jsonToYaml(''), 'null\n')
  t.equal(refusal(() => encodeYaml([Number.NaN])).code, 'json-number-range')
})

t.test('every document of a stream is read, with the line where it starts', async (t) => {
  t.same(readYamlDocuments('# c\na: 1\n---\n\nb: 2\n...\n---\n---\n- c\n'), [
    { value: { a: 1 }, line: 2 },
    { value: { b: 2 }, line: 5 },
    { value: null, line: 8 },
    { value: ['c'], line: 9 },
  ])
  t.same(readYamlDocuments(''), [])
  t.same(readYamlDocuments('a\n...\n...\n'), [{ value: 'a', line: 1 }])
  const error = refusal(() => readYamlDocuments('a: 1\n---\nb: [\n', { source: 'pods.yaml' }))
  t.match(error, { code: 'yaml-syntax', source: 'pods.yaml' })
  t.match(
    refusal(() => readYamlDocuments('a: 1\n---\nb: {x: "y\n')),
    { line: 3 },
  )
  t.match(
    refusal(() => readYamlDocuments('a\n---\nb\x01')),
    { line: 3, column: 2 },
  )
  t.same(readYamlDocuments('a\n%YAML 1.1\n---\nc').length, 2)
})

t.test('errors name code, source and line', async (t) => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['a: 1\nb: "\\q"\n', 'yaml-syntax', 2],
    ['a: 1\n\tb: 1\n', 'yaml-syntax', 2],
    ['a: 1\nb: !!int x\n', 'yaml-value', 2],
    ['a: 1\nb: *x\n', 'yaml-syntax', 2],
    ['a: 1\n? [x]\n: 1\n', 'yaml-value', 2],
    ['a: 1\nb: {<<: 1}\n', 'yaml-value', 2],
    ['a: 1\nfoo\nb: 2\n', 'yaml-syntax', 2],
  ]
  for (const [yaml, code, line] of cases) {
    t.match(
      refusal(() => parseYaml(yaml, { source: 's' })),
      { code, line, source: 's' },
      show(yaml),
    )
    t.match(
      refusal(() => parseYaml(yaml)),
      { code, line, source: undefined },
    )
  }
  t.match(
    refusal(() => parseYaml('a: .inf', { source: 's' })),
    { code: 'yaml-value', source: 's' },
  )
  t.match(
    refusal(() => parseYaml('a: .nan')),
    { code: 'yaml-value', message: /NaN/ },
  )
})

t.test('bytes are read in UTF-8 and UTF-16', async (t) => {
  const text = 'a: é😀\n'
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le')
  t.same(parseYaml(Buffer.from(text)), { a: 'é😀' })
  t.same(parseYaml(Buffer.from(`\ufeff${text}`)), { a: 'é😀' })
  t.same(parseYaml(utf16), { a: 'é😀' })
  t.same(parseYaml(Buffer.from(utf16).swap16()), { a: 'é😀' })
  t.match(
    refusal(() => parseYaml(Buffer.from([0x61, 0x0a, 0xc3, 0x28]))),
    { code: 'yaml-syntax', line: 2 },
  )
  t.match(
    refusal(() => parseYaml(Buffer.from([0xff, 0xfe, 0x00, 0xdc]))),
    { code: 'yaml-syntax' },
  )
  t.match(
    refusal(() => parseYaml('a: \ud800')),
    { code: 'yaml-syntax', line: 1 },
  )
  // Go reads 512 bytes at a time, so only an error close to the first document is noticed.
  t.same(parseYaml(`a: 1\n---\n${'x'.repeat(600)}\x01`), { a: 1 })
  t.equal(refusal(() => parseYaml('a: 1\n---\n\x01')).code, 'yaml-syntax')
})

t.test('hostile YAML ends quickly with an error of this package', async (t) => {
  let bomb = 'l0: &l0 [x,x,x,x,x,x,x,x,x,x]\n'
  for (let i = 1; i < 9; i++) bomb += `l${i}: &l${i} [${Array(10).fill(`*l${i - 1}`)}]\n`
  const deepAliases = `a0: &a0 ${'['.repeat(350)}${']'.repeat(350)}\na1: ${'['.repeat(350)}*a0${']'.repeat(350)}\n`
  const cases: readonly (readonly [name: string, text: string, code: string])[] = [
    ['alias bomb', bomb, 'yaml-aliases'],
    [
      'alias bomb by merge',
      bomb
        .replaceAll('[', '{k: {<<: [')
        .replaceAll(']', ']}}')
        .replace(/x,|x\b/g, '{},')
        .replaceAll(',]', ']'),
      'yaml-aliases',
    ],
    ['nested flow list', '['.repeat(200_000), 'yaml-too-deep'],
    ['nested flow map', '{a: '.repeat(50_000), 'yaml-too-deep'],
    ['nested dashes', '- '.repeat(100_000), 'yaml-too-deep'],
    ['nested keys', Array.from({ length: 1200 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'yaml-too-deep'],
    ['aliases that nest', deepAliases, 'yaml-too-deep'],
    ['too much text', 'a'.repeat(9 * 1024 * 1024), 'yaml-too-large'],
    [
      'a line of aliases that Go refuses',
      `a: &a [${'x,'.repeat(300)}]\nb: [${'*a,'.repeat(160)}]`,
      'yaml-aliases',
    ],
  ]
  for (const [name, text, code] of cases) {
    const before = process.cpuUsage()
    t.equal(refusal(() => parseYaml(text)).code, code, name)
    // Of the processor, so that other processes do not count.
    const { user, system } = process.cpuUsage(before)
    t.ok(user + system < 2_000_000, `${name} took ${(user + system) / 1000} ms`)
  }
  t.equal(
    refusal(() => parseYaml('a: &a [1, 2]\nb: *a', { limits: { maxAliasNodes: 2 } })).code,
    'yaml-aliases',
  )
  t.equal(refusal(() => parseYaml('[[1]]', { limits: { maxDepth: 1 } })).code, 'yaml-too-deep')
  t.equal(refusal(() => parseYaml('- - 1', { limits: { maxDepth: 1 } })).code, 'yaml-too-deep')
  t.equal(refusal(() => parseYaml('- {a: 1}', { limits: { maxDepth: 1 } })).code, 'yaml-too-deep')
  t.equal(refusal(() => parseYaml('abc', { limits: { maxBytes: 2 } })).code, 'yaml-too-large')
  t.same(parseYaml(`${'['.repeat(400)}${']'.repeat(400)}`)?.constructor, Array)
  t.equal(refusal(() => encodeYaml(nested(10_000))).code, 'json-too-deep')
})

function nested(depth: number): unknown[] & [] {
  let value: unknown[] = []
  for (let i = 0; i < depth; i++) value = [value]
  return value as unknown[] & [] // an array of arrays is JSON
}

t.test('a key must end within 1024 characters on one line', async (t) => {
  t.equal(orNull(() => yamlToJson(`${'k'.repeat(1024)}: v`))?.length, 1024 + 8)
  t.equal(
    orNull(() => yamlToJson(`${'k'.repeat(1025)}: v`)),
    null,
  )
  t.equal(orNull(() => yamlToJson(`"${'😀'.repeat(1000)}": v`))?.length, 2000 + 8)
  t.equal(
    orNull(() => yamlToJson(`"${'😀'.repeat(1030)}": v`)),
    null,
  )
})

t.test('aliases are copies, so changing one leaves the others unchanged', async (t) => {
  const value = parseYaml('a: &x {k: [1]}\nb: *x\n')
  t.same(value, { a: { k: [1] }, b: { k: [1] } })
  t.not((value as { a: object }).a, (value as { b: object }).b) // the type just checked
})

t.test('written YAML reads back as the same value', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const json = encodeGoJson(parseJson(JSON.stringify(value)))
      const yaml = orNull(() => encodeYaml(parseJson(json)))
      // The only exceptions are characters that YAML's reader refuses or folds.
      if (/[\x7f-\x9f\ufffe\uffff]/.test(json)) return true
      return (
        (yaml !== null && encodeGoJson(parseYaml(yaml)) === json.replaceAll('-0', '0')) || /-0/.test(json)
      )
    }),
    { numRuns: 300, seed: 7 },
  )
})

t.test('any text gives a value or a YAML error, never another exception', async () => {
  const pieces = [
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '#',
    '&a',
    '*a',
    '!!int ',
    '|',
    '>',
    '? ',
    '---\n',
    '%',
    '<<',
    '1',
    '\t',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
      orNull(() => yamlToJson(parts.join('')))
    }),
    { numRuns: 1000, seed: 11 },
  )
})

t.test('repeated keys are reported with both lines', async (t) => {
  const found: string[] = []
  const onRepeatedKey = (key: string, first: number, line: number) => found.push(`${key} ${first} ${line}`)
  const value = parseYaml('a: 1\nb:\n  c: {x: 1, x: 2}\n  c: 3\na: 4\n', { onRepeatedKey })
  t.same(value, { a: 4, b: { c: 3 } })
  t.same(found, ['x 3 3', 'c 3 4', 'a 1 5'])
  found.length = 0
  parseYaml('base: &b {a: 1}\nmore:\n  a: 2\n  <<: *b\nlist:\n- a: 1\n- a: 2\n', { onRepeatedKey })
  t.same(found, [], 'a merge key overrides, and items are maps of their own')
})

t.test('errors name invisible characters and unrendered templates', async (t) => {
  const messageOf = (text: string) => {
    try {
      parseYaml(text)
      return 'no error'
    } catch (error) {
      return error instanceof Error ? error.message : ''
    }
  }
  t.match(messageOf('- a: 1\n\u00a0 b: 2\n'), /line 2.*U\+00A0 \(no-break space\) at column 1/)
  t.match(
    messageOf('name: {{ .Values.name }}\n'),
    /line 1 \(name: \{\{ .Values.name }}\) is part of an unrendered template/,
  )
  t.match(messageOf('a: 1\n{{- if .Values.b }}\nb: 2\n{{- end }}\n'), /part of an unrendered template/)
  t.notMatch(messageOf('a: [1\n'), /template|U\+/)
})
