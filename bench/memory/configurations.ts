/**
 * `npm run bench:configurations`: the memory that a revision's configuration takes per byte of its texts and per
 * token of its templates, for artificially large texts. The factors of src/revisions/snapshot-limits.ts come from
 * here. Each text is measured in its own process, after its templates were compiled and traced.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseIstioVersion } from '../../src/istio/index.ts'
import { compileRevision, memoryOf, sizeOfInputs } from '../../src/revisions/index.ts'
import { orExplain, readArguments, whole } from '../arguments.ts'

const HELP = `npm run bench:configurations -- [options]
  --bytes N    of the text that is made large (default 200000)
  --text NAME  this one only, in this process
  --help`

const values = readArguments(HELP, {
  bytes: { type: 'string', default: '200000' },
  text: { type: 'string' },
})
const bytes = orExplain(() => whole('bytes', values.bytes, 1))

const profile = new URL('../../charts/remora/files/profile/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, profile), 'utf8')
const repeat = (unit: (index: number) => string): string => {
  const parts: string[] = []
  for (let length = 0; length < bytes; ) {
    const part = unit(parts.length)
    parts.push(part)
    length += part.length
  }
  return parts.join('')
}
const template = (text: string): string =>
  read('config.yaml').replace(
    /^templates:\n/m,
    `templates:\n  large: |\n    ${text.replaceAll('\n', '\n    ')}\n`,
  )
const inValues = (text: string): string =>
  JSON.stringify({ ...(JSON.parse(read('values.json')) as object), large: JSON.parse(text) as unknown })

interface Texts {
  readonly config?: string
  readonly values?: string
  readonly mesh?: string
}

/** The plain profile, and variants with one large text. */
const TEXTS: ReadonlyMap<string, () => Texts> = new Map([
  ['profile', () => ({})],
  ['template: {{.Spec}}', () => ({ config: template(repeat(() => '{{.Spec}}')) })],
  ['template: {{.}}', () => ({ config: template(repeat(() => '{{.}}')) })],
  ['template: if', () => ({ config: template(repeat(() => '{{if .Spec}}a{{end}}')) })],
  ['template: variables', () => ({ config: template(repeat(() => '{{$a:=1}}')) })],
  ['template: calls', () => ({ config: template(repeat(() => '{{len "a"}}')) })],
  ['template: one pipe', () => ({ config: template(`{{1${repeat(() => '|or 1')}}}`) })],
  ['template: text', () => ({ config: template(repeat(() => 'abc: def\n')) })],
  [
    'aliases',
    () => ({
      config: read('config.yaml').replace(
        /^templates:/m,
        `aliases:\n${repeat((i) => `  a${i}: [sidecar]\n`)}templates:`,
      ),
    }),
  ],
  ['values: empty objects', () => ({ values: inValues(`[${repeat(() => '{},')}1]`) })],
  ['values: keys', () => ({ values: inValues(`{${repeat((i) => `"k${i}":1,`)}"z":1}`) })],
  ['mesh: selectors', () => ({ mesh: `discoverySelectors:\n${repeat(() => '- {}\n')}` })],
])

if (values.text === undefined) {
  console.log('text                       MB    tokens   heap MB   of a byte   of a token   estimated MB')
  for (const name of TEXTS.keys()) {
    const options = ['--expose-gc', fileURLToPath(import.meta.url), '--bytes', String(bytes), '--text', name]
    const { status } = spawnSync(process.execPath, options, { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
} else measure(values.text)

function measure(name: string): void {
  const texts = TEXTS.get(name)?.()
  const version = parseIstioVersion('1.28.3')
  if (texts === undefined || version === undefined)
    throw new Error(`--text: found ${name}; expected ${[...TEXTS.keys()].join(', ')}`)
  const inputs = {
    name: 'default',
    namespace: 'istio-system',
    version,
    injectorConfigMap: {
      name: 'istio-sidecar-injector',
      config: texts.config ?? read('config.yaml'),
      values: texts.values ?? read('values.json'),
    },
    meshConfigMap: { name: 'istio', mesh: texts.mesh ?? read('mesh.yaml') },
    environment: new Map<string, string>(),
  }
  const before = heap()
  const config = compileRevision(inputs)
  // The state of a template after pods have used it.
  const traced = [...config.templates.values()].map((one) => {
    one.prepare()
    return one.residual({ constantFields: new Set(['Spec']), keyed: [] })
  })
  const used = heap() - before
  const { textBytes } = sizeOfInputs(inputs)
  const tokens = [...config.templates.values()].reduce((sum, one) => sum + one.tokens, 0)
  const cells = [
    name.padEnd(22),
    (textBytes / 1e6).toFixed(2).padStart(7),
    String(tokens).padStart(9),
    (used / 1e6).toFixed(1).padStart(9),
    (used / textBytes).toFixed(1).padStart(11),
    (used / tokens).toFixed(0).padStart(12),
    (memoryOf([config]) / 1e6).toFixed(1).padStart(14),
  ]
  console.log(cells.join(' '))
  if (traced.length === 0) throw new Error('nothing was compiled')
}

function heap(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
