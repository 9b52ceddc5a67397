/** Makes the clusters of docs/check.md as the page says, runs what it shows of `remora check`, and compares what is printed. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { rules } from '../../src/analysis/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { makeClusters, patternOf } from './example-page.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/check.md'), 'utf8')

t.test('the page has every code that check reports, each under one question', async (t) => {
  const [, section = ''] = page.split('## Which code answers which question')
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'))
  t.equal(rows.length, 11, 'the kinds of problems')
  const listed = rows.flatMap((row) =>
    Array.from(row.split('|')[2]?.matchAll(/`([a-z-]+)`/g) ?? [], ([, code = '']) => code),
  )
  t.same(listed.toSorted(), [...new Set(rules.flatMap(({ codes }) => codes))].toSorted())
})

t.test('the output on the page is real', async (t) => {
  const folder = t.testdir({})
  makeClusters(page, folder)
  const blocks = [...page.matchAll(/```console\n\$ remora (check .*)\n([\s\S]*?)```/g)]
  t.equal(blocks.length, 2)
  for (const [, command = '', shown = ''] of blocks) {
    const args = command
      .split(' ')
      .map((word) => (['my-cluster', 'next'].includes(word) ? join(folder, word) : word))
    const { out, code } = await runCommand(...args)
    t.match(out, patternOf(shown), command)
    t.equal(code, 1, command)
  }
})
