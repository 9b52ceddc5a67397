/** Runs the examples of docs/debugging.md and compares their output; a line `...` matches any lines. */
import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { runCli } from '../../src/cli/index.ts'
import { copyExample, EXAMPLE_FOLDERS } from '../example-cluster.ts'
import { patternOf } from './example-page.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/debugging.md'), 'utf8')
const [before = '', upgrade = '', after = ''] = page.split(
  /^(## An upgrade, step by step\n[\s\S]*?)(?=^## )/m,
)

async function remora(command: string, cluster: string, columns: number): Promise<string> {
  const args = command
    .split(' ')
    .map((word) => (word === 'my-cluster' ? cluster : word.startsWith('test/') ? join(root, word) : word))
  let out = ''
  await runCli(args, {
    env: { COLUMNS: String(columns) },
    out: (text) => {
      out += text
    },
    err: () => {},
    readStdin: async () => '',
  })
  return out
}

t.test('what explain prints is what the page shows', async (t) => {
  const cluster = copyExample(join(t.testdir(), 'my-cluster'), EXAMPLE_FOLDERS)
  const blocks = [...`${before}${after}`.matchAll(/```console\n\$ remora (explain .*)\n([\s\S]*?)```/g)]
  t.ok(blocks.length >= 3)
  for (const [, command = '', shown = ''] of blocks)
    t.match(await remora(command, cluster, 100_000), patternOf(shown), command)
})

t.test('the steps of the upgrade can be run in order and print what the page shows', async (t) => {
  const folder = t.testdir()
  symlinkSync(join(root, 'examples'), join(folder, 'examples'))
  const blocks = [...upgrade.matchAll(/```(sh|console)\n([\s\S]*?)```/g)]
  t.ok(blocks.length >= 10)
  for (const [, kind, text = ''] of blocks) {
    if (kind === 'sh') {
      execFileSync('sh', ['-e', '-c', text], { cwd: folder })
      continue
    }
    const [, command = '', shown = ''] = /^\$ remora (.*)\n([\s\S]*)$/.exec(text) ?? []
    t.match(await remora(command, join(folder, 'my-cluster'), 120), patternOf(shown), command)
  }
})
