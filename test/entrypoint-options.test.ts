/** The image's options of Node are read from one place and are only those that do not change results. */
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { entrypointOptions } from '../scripts/entrypoint-options.ts'

/**
 * What an option may be, and why it is safe. Options that choose how V8 compiles (`--no-concurrent-recompilation`,
 * `--single-threaded`, `--no-opt`, ...) are not safe: few people run them, and with the first of them V8 of Node 26.9
 * executes src/json/locate-json-error.ts wrongly. A new row needs the whole test suite and the hostile cases run with it.
 */
const ALLOWED: readonly { readonly option: RegExp; readonly reason: string }[] = [
  {
    option: /^--max-semi-space-size=\d+$/,
    reason: 'a size of the young generation: V8 collects more or less often, and generates the same code',
  },
  {
    option: /^--max-old-space-size-percentage=\d+$/,
    reason:
      "a limit of the heap, as a share of the container's memory: V8's own is half, and a server with everything at its bound would end by it (bench/README.md)",
  },
]

t.test('the ENTRYPOINT has only options from the list', async (t) => {
  const options = entrypointOptions()
  t.ok(options.length > 0)
  for (const one of options)
    t.ok(
      ALLOWED.some(({ option }) => option.test(one)),
      `${one} is on the list of options that cannot change what is computed`,
    )
})

t.test('the ENTRYPOINT’s options are read unchanged, and another program is refused', async (t) => {
  t.same(entrypointOptions('FROM x\nENTRYPOINT ["node", "dist/main.js"]\n'), [])
  t.same(entrypointOptions('FROM x\nENTRYPOINT ["node", "--a", "--b=1", "dist/main.js"]\n'), ['--a', '--b=1'])
  t.throws(() => entrypointOptions('ENTRYPOINT ["sh"]'), /expected ENTRYPOINT/)
})

t.test('Node accepts the options', async (t) => {
  const { NODE_OPTIONS: _, ...env } = process.env // of the test runner
  const ran = spawnSync(process.execPath, [...entrypointOptions(), '-p', '1+1'], { env, encoding: 'utf8' })
  t.equal(ran.stdout.trim(), '2', ran.stderr)
})
