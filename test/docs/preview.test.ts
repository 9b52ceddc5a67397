/** Runs the examples of docs/preview.md, and compares its table of kinds with the code. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { PREVIEW_KINDS } from '../../src/analysis/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { makeClusters, patternOf } from './example-page.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/preview.md'), 'utf8')

t.test('the output on the page is real', async (t) => {
  const folder = t.testdir({})
  makeClusters(page, folder)
  const blocks = [...page.matchAll(/```console\n\$ remora (preview .*)\n([\s\S]*?)```/g)]
  t.equal(blocks.length, 2)
  for (const [, command = '', shown = ''] of blocks) {
    const args = command.split(' ').map((word) => (word === 'my-cluster' ? join(folder, word) : word))
    const { out, err } = await runCommand(...args)
    t.match(out, patternOf(shown), command)
    t.equal(err, '')
  }
})

t.test('the kinds of the page are those of --fail-on', async (t) => {
  const rows = [...page.matchAll(/^\| `([a-z]+)` \| (.*) \|$/gm)].map(([, kind, text]) => [kind, text])
  t.same(rows, Object.entries(PREVIEW_KINDS))
  const [, named = ''] = /--fail-on (\S+)/.exec(page) ?? []
  t.ok(named !== '' && named.split(',').every((kind) => Object.hasOwn(PREVIEW_KINDS, kind)))
})
