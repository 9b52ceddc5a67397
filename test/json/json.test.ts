import fc from 'fast-check'
import t from 'tap'
import {
  cloneJson,
  compareUtf8,
  encodeGoJson,
  equalJson,
  freezeJson,
  isObject,
  JsonError,
  type JsonValue,
  own,
  parseJson,
  setOwn,
} from '../../src/json/index.ts'

function refusal(run: () => unknown): JsonError {
  try {
    run()
  } catch (error) {
    if (error instanceof JsonError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function nested(depth: number): JsonValue {
  let value: JsonValue = []
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { k: value }
  return value
}

t.test('own properties are distinguished from those of the prototype', async (t) => {
  const object: { [key: string]: number } = {}
  t.equal(own(object, 'constructor'), undefined)
  t.equal(own(undefined, 'a'), undefined)
  setOwn(object, '__proto__', 1)
  setOwn(object, 'constructor', 2)
  t.equal(own(object, '__proto__'), 1)
  t.equal(own(object, 'constructor'), 2)
  t.equal(Object.getPrototypeOf(object), Object.prototype)
  t.ok(isObject({}))
  t.notOk(isObject([]))
  t.notOk(isObject(null))
})

t.test('equality is deep and ignores the order of keys', async (t) => {
  const same: readonly (readonly [JsonValue, JsonValue])[] = [
    [null, null],
    [
      { a: 1, b: [1, { c: null }] },
      { b: [1, { c: null }], a: 1 },
    ],
    [parseJson('{"__proto__": 1}'), parseJson('{"__proto__": 1}')],
  ]
  for (const [a, b] of same) t.ok(equalJson(a, b), JSON.stringify(a))
  const different: readonly (readonly [JsonValue, JsonValue])[] = [
    [1, '1'],
    [null, {}],
    [[], {}],
    [{}, []],
    [[1], [1, 2]],
    [[1], [2]],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ toString: 1 }, { a: 1 }],
    [parseJson('{"__proto__": 1}'), { a: 1 }],
  ]
  for (const [a, b] of different) t.notOk(equalJson(a, b), `${JSON.stringify(a)} and ${JSON.stringify(b)}`)
  t.notOk(equalJson(undefined, null))
})

t.test('a clone shares nothing, a frozen value cannot change', async (t) => {
  const value = parseJson('{"a": [1, {"b": null}], "__proto__": {"x": 1}}')
  const copy = cloneJson(value)
  t.ok(equalJson(copy, value))
  t.equal(Object.getPrototypeOf(copy), Object.prototype)
  freezeJson(value)
  t.throws(() => {
    ;(value as { a: unknown[] }).a.push(2) // the value above
  }, TypeError)
  ;(copy as { a: unknown[] }).a.push(2) // the copy is mutable
  t.notOk(equalJson(copy, value))
  t.equal(freezeJson(value), value)
  t.equal(freezeJson(1), 1)
})

t.test('JSON nested too deeply is refused by every function', async (t) => {
  const deep = nested(10_000)
  const other = nested(10_000)
  for (const walk of [
    () => equalJson(deep, other),
    () => cloneJson(deep),
    () => freezeJson(deep),
    () => encodeGoJson(deep),
    () => parseJson(`${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    () => parseJson(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
  ]) {
    t.equal(refusal(walk).code, 'json-too-deep')
  }
  t.ok(cloneJson(nested(900)))
  t.equal(refusal(() => parseJson('[[1]]', { maxDepth: 1 })).code, 'json-too-deep')
  t.same(parseJson('[1]', { maxDepth: 1 }), [1])
  t.equal(refusal(() => parseJson('['.repeat(10_000))).code, 'json-too-deep', 'before it is parsed')
})

t.test('JSON errors name line, column, and what was found and expected', async (t) => {
  const cases: readonly (readonly [string, number, number, RegExp])[] = [
    ['', 1, 1, /end of text, expected a value/],
    ['{"a":1,}', 1, 8, /"}", expected a key/],
    ['[1 2]', 1, 4, /expected a comma or \]/],
    ['{"a":1\n "b":2}', 2, 2, /expected a comma or }/],
    ['{"a" 1}', 1, 6, /a colon/],
    ['{"a\\x": 1}', 1, 4, /valid escape/],
    ['["\\x"]', 1, 3, /valid escape/],
    ['["\\u12"]', 1, 3, /valid escape/],
    ['["a\nb"]', 1, 4, /printable/],
    ['["a', 1, 4, /end of text/],
    ['{"a', 1, 4, /end of text/],
    ['[tru]', 1, 2, /a value/],
    ['[01]', 1, 3, /a comma/],
    ['{} {}', 1, 4, /nothing more/],
    ['[]]', 1, 3, /nothing more/],
    ['[\r\n\r1,\n]', 4, 1, /a value/],
    ['[{"a":[]},{"b":{}},-1.5e3,"\\n",x]', 1, 32, /a value/],
    ['['.repeat(10_000), 1, 10_001, /a value/],
    ['['.repeat(100_000), 1, 10_002, /at most 10000 levels/],
  ]
  for (const [text, line, column, message] of cases) {
    t.match(
      refusal(() => parseJson(text, { maxDepth: 200_000 })),
      { code: 'json-syntax', line, column, message },
      JSON.stringify(text.slice(0, 50)),
    )
  }
  t.match(
    refusal(() => parseJson('{', { source: 'values' })),
    { source: 'values', cause: SyntaxError },
  )
  t.equal(refusal(() => parseJson('[1, {"a": 1e400}]')).code, 'json-number-range')
  t.equal(refusal(() => parseJson('123', { maxBytes: 2 })).code, 'json-too-large')
})

t.test('broken surrogates are read as U+FFFD, as Go reads them', async (t) => {
  t.same(parseJson('{"\\ud800": ["\\udc00x", 1, null, "\\ud83d\\ude00"]}'), {
    '\ufffd': ['\ufffdx', 1, null, '😀'],
  })
  t.equal(parseJson('"\ud800"'), '\ufffd')
})

t.test('JSON is written as Go writes it', async (t) => {
  const cases: readonly (readonly [JsonValue, string])[] = [
    [null, 'null'],
    [[true, false], '[true,false]'],
    [
      [0, -0, 1.5, 1e21, 1e20, 1e-6, 1e-7, 123456789012345680000],
      '[0,-0,1.5,1e+21,100000000000000000000,0.000001,1e-7,123456789012345680000]',
    ],
    ['<a href="x">&\u2028\u2029', '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029"'],
    ['\b\f\n\r\t\u0000\u001f\u007f\\/é😀', '"\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\\\\/é😀"'],
    ['a\ud800<', '"a\\ufffd\\u003c"'],
    [{ b: 1, a: { '10': 1, '9': 2 }, B: [] }, '{"B":[],"a":{"10":1,"9":2},"b":1}'],
    [{ '\u{10000}': 1, '\uffff': 2, '\ud7ff': 3 }, '{"\ud7ff":3,"\uffff":2,"\u{10000}":1}'],
    [{}, '{}'],
  ]
  for (const [value, text] of cases) t.equal(encodeGoJson(value), text)
  t.equal(encodeGoJson({ b: 1, a: [{ d: 1, c: 2 }] }, { sortKeys: false }), '{"b":1,"a":[{"d":1,"c":2}]}')
  t.equal(encodeGoJson({ n: 18446744073709551615n }), '{"n":18446744073709551615}')
  t.equal(encodeGoJson(parseJson('{"__proto__": 1}')), '{"__proto__":1}')
  t.equal(refusal(() => encodeGoJson(Number.POSITIVE_INFINITY)).code, 'json-number-range')
})

t.test('keys are compared by their UTF-8 bytes', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      return Math.sign(compareUtf8(a, b)) === Buffer.compare(Buffer.from(a), Buffer.from(b))
    }),
    { numRuns: 500, seed: 3 },
  )
  t.equal(Math.sign(compareUtf8('\ue000', '\u{10000}')), -1)
  t.equal(Math.sign(compareUtf8('\u{10000}', '\ue000')), 1)
  t.equal(Math.sign(compareUtf8('a', '\u{10000}')), -1)
})

t.test('JSON.parse reads back everything that the Go encoder writes', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const json = JSON.stringify(value)
      return equalJson(parseJson(encodeGoJson(parseJson(json))), parseJson(json))
    }),
    { numRuns: 300, seed: 5 },
  )
})
