import fc from 'fast-check'
import t from 'tap'
import { RemoraError } from '../../src/errors.ts'
import {
  effectiveProxyConfig,
  formatNanos,
  parseDuration,
  parseInjectorConfig,
  parseInjectorValues,
  parseIstioVersion,
  parseMeshConfig,
  protoSchemaFor,
  protoToJson,
} from '../../src/istio/index.ts'
import { applyJson } from '../../src/istio/proto-decode.ts'
import { type JsonValue, parseJson } from '../../src/json/index.ts'

const version = parseIstioVersion('1.30.3')
if (version === undefined) throw new Error('not a release')
const schema = protoSchemaFor(version)
const source = 'the text'

/** JSON of a message with random content under the field names that exist, right and wrong ones. */
const names = ['mesh.ProxyConfig', 'mesh.MeshConfig', 'operator.Values'].flatMap((name) =>
  schema.message(name).fields.map((field) => field.json),
)
const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('10s', 'TPROXY', '1.5s', 'a:1', '__proto__'),
)
const { value: json } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom(...names), fc.constantFrom('__proto__', 'constructor', 'a')),
      tie('value'),
      {
        maxKeys: 4,
      },
    ),
  ),
}))

t.test('encoding a decoded message and decoding it again gives the same message', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom('mesh.ProxyConfig', 'mesh.MeshConfig', 'operator.Values'),
      json,
      (type, value) => {
        let text: string
        try {
          text = protoToJson(schema, type, applyJson(schema, type, value))
        } catch {
          return
        }
        const again = applyJson(schema, type, parseJson(text))
        if (protoToJson(schema, type, again) !== text) throw new Error(text)
      },
    ),
    { numRuns: 500, seed: 7 },
  )
  t.pass()
})

t.test('printed durations are read back as the same duration', async (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n) + 1n, max: (1n << 63n) - 1n }), (nanos) => {
      // Decimals of a second go through floating point, in Go too: exact below 2^53.
      const text = formatNanos(nanos)
      const read = parseDuration(text)
      return read !== undefined && (read > nanos ? read - nanos : nanos - read) <= 1n
    }),
    { numRuns: 500, seed: 7 },
  )
  t.pass()
})

t.test('any text gives a message or an error with a code', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        json.map((value) => JSON.stringify(value)),
      ),
      (text) => {
        const mesh = parseMeshConfig('', { version, source })
        const annotations = new Map([['proxy.istio.io/config', text]])
        effectiveProxyConfig({ namespace: 'ns', labels: new Map(), annotations }, mesh, new Map(), {
          version,
        })
        for (const parse of [parseMeshConfig, parseInjectorValues, parseInjectorConfig]) {
          try {
            parse(text, { version, source })
          } catch (error) {
            if (!(error instanceof RemoraError)) throw error
          }
        }
      },
    ),
    { numRuns: 300, seed: 7 },
  )
  t.pass()
})

t.test('deep input ends in an error with a code', async (t) => {
  for (const deep of [
    '['.repeat(10_000),
    `{"global": ${'{"meshNetworks":'.repeat(10_000)}`,
    `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`,
  ]) {
    for (const parse of [parseMeshConfig, parseInjectorValues, parseInjectorConfig]) {
      try {
        parse(deep, { version, source })
      } catch (error) {
        t.ok(error instanceof RemoraError)
      }
    }
  }
  const values = parseInjectorValues(
    `{"global": {"meshNetworks": ${'{"a":'.repeat(300)}1${'}'.repeat(300)}}}`,
    { version, source },
  )
  t.ok(protoToJson(schema, 'operator.Values', values.struct).length > 300 * 5)
})
