/** Command lines of the bench: each command lists its options, and a mistake is reported in one line without a stack. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { namesAmong, whole } from '../../bench/arguments.ts'
import { findMaterial } from '../../bench/load/material.ts'
import { makeMixes } from '../../bench/load/mixes.ts'
import { MIX_NAMES } from '../../bench/load/options.ts'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

const COMMANDS = ['bench', 'bench:check', 'bench:growth', 'bench:memory', 'bench:micro', 'bench:profile']

function run(name: string, option: string) {
  const file = manifest.scripts[name]?.replace(/^node /, '') ?? ''
  return spawnSync(process.execPath, [file, option], {
    cwd: new URL('../..', import.meta.url).pathname,
    encoding: 'utf8',
  })
}

for (const name of COMMANDS) {
  t.test(`${name} has a help text and refuses unknown options`, async (t) => {
    const help = run(name, '--help')
    t.equal(help.status, 0)
    t.match(help.stdout, new RegExp(`^npm run ${name} -- \\[options\\]\n(?: {2}--.*\n)+$`))
    const wrong = run(name, '--nonsense')
    t.equal(wrong.status, 2)
    t.equal(wrong.stderr, "Unknown option '--nonsense'\n--help lists the options.\n")
  })
}

t.test('invalid numbers and names are refused with what was expected', async (t) => {
  t.equal(whole('seconds', '3', 1), 3)
  for (const text of ['0', '1.5', 'x', '-1'])
    t.throws(() => whole('seconds', text, 1), {
      message: `--seconds: found ${text}; expected a whole number from 1 on`,
    })
  t.same(namesAmong('only', 'a,b', ['a', 'b', 'c']), ['a', 'b'])
  t.throws(() => namesAmong('only', 'a,d', ['a', 'b']), { message: '--only: found d; expected a, b' })
})

t.test('the option accepts exactly the names of the mixes', async (t) => {
  const material = findMaterial()
  t.teardown(() => material.close())
  t.same(
    makeMixes(material.reviews).map(({ name }) => name),
    MIX_NAMES,
  )
})
