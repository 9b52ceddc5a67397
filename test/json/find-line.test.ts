import t from 'tap'
import { findLine } from '../../src/json/index.ts'

const YAML = `# a comment
defaultConfig:
  # zipkinAddress: not this one
  tracing:
    zipkin: {}
  zipkinAddress: z:9411
extensionProviders:
- name: a
- zipkin:
    port: 1
  name: b
zipkinAddress: outside
list:
  - - x
"quoted": 1
`

t.test('a field is found under its own parents', async (t) => {
  const lines: readonly (readonly [path: readonly (string | number)[], line: number | undefined])[] = [
    [['defaultConfig'], 2],
    [['defaultConfig', 'zipkinAddress'], 6],
    [['defaultConfig', 'tracing', 'zipkin'], 5],
    [['zipkinAddress'], 12],
    [['extensionProviders', 0, 'name'], 8],
    [['extensionProviders', 1, 'name'], 11],
    [['extensionProviders', 1, 'zipkin'], 9],
    [['extensionProviders', 1, 'zipkin', 'port'], 10],
    [['extensionProviders', 2], undefined],
    [['quoted'], 15],
    [['port'], undefined],
    [['defaultConfig', 'port'], undefined],
    [['tracing'], undefined],
  ]
  for (const [path, line] of lines) t.equal(findLine(YAML, path), line, path.join('.'))
})

t.test('fields of pretty-printed JSON have lines, fields of JSON on one line do not', async (t) => {
  const json = JSON.stringify({ global: { hub: 'h', proxy: { image: 'i' } }, list: [{ a: 1 }] }, undefined, 2)
  t.equal(findLine(json, ['global', 'proxy', 'image']), 5)
  t.equal(findLine(json, ['global', 'image']), undefined)
  t.equal(findLine('{global: {hub: h}}', ['global', 'hub']), undefined)
  t.equal(findLine('', ['global']), undefined)
})
