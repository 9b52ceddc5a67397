/** Stack traces of a real bundle, and of files without a map. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { withSourcePlaces } from '../../src/observe/index.ts'

const SOURCE = `interface Pod { readonly name: string }
function refuse(pod: Pod): never {
  throw new Error(\`no \${pod.name}\`)
}
export function run(): void {
  const label = 'a text that is longer than nothing, so that columns differ'
  refuse({ name: label })
}
`

t.test('positions in a bundle are mapped to positions in its sources', async (t) => {
  const folder = t.testdir({ src: { 'other.ts': 'export const other = (n: number): number => n + 1\n' } })
  writeFileSync(join(folder, 'src/thrower.ts'), SOURCE)
  writeFileSync(
    join(folder, 'src/entry.ts'),
    "export { other } from './other.ts'\nexport { run } from './thrower.ts'\n",
  )
  await build({
    absWorkingDir: folder,
    entryPoints: ['src/entry.ts'],
    outdir: join(folder, 'dist'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    minifyWhitespace: true,
    sourcemap: 'linked',
  })
  // The test runner has Node do the same by other means.
  process.setSourceMapsEnabled(false)
  const entry = pathToFileURL(join(folder, 'dist/entry.js')).href
  const bundle: { run(): void } = await import(entry)
  let stack = ''
  try {
    bundle.run()
  } catch (error) {
    stack = error instanceof Error ? (error.stack ?? '') : ''
  }
  t.match(stack, /dist\/entry\.js:1:\d+/, 'as the engine reports it')
  const lines = withSourcePlaces(stack).split('\n')
  t.match(lines[0], /^Error: no a text that is longer/)
  t.match(lines[1], /at refuse \(src\/thrower\.ts:3:9\)/)
  t.match(lines[2], /at (?:\w+\.)?run \(src\/thrower\.ts:7:3\)/)
  t.equal(withSourcePlaces(stack), lines.join('\n'), 'again, when the places are known')
})

t.test('a stack without a valid map is not changed', async (t) => {
  const folder = t.testdir({ 'bad.js': '', 'bad.js.map': '{"sources":' })
  const bad = pathToFileURL(join(folder, 'bad.js')).href
  const stack = `Error: x\n    at a (${bad}:1:2)\n    at file:///nowhere/b.js:3:4\n    at node:internal/c:5:6`
  t.equal(withSourcePlaces(stack), stack)
})
