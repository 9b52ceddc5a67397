/** Wrapping of text: words, labels, colours, and lines that are never wrapped. */

import fc from 'fast-check'
import t from 'tap'
import { runCli } from '../../src/cli/index.ts'
import { columnsOf, UNWRAPPED, wrapLines } from '../../src/cli/wrap.ts'
import { exampleWithMistakes } from '../example-cluster.ts'

const example = exampleWithMistakes()

t.test('the width is COLUMNS, else that of the terminal, else 80, and never too small to read', async (t) => {
  t.equal(columnsOf({ COLUMNS: '120' }, 200), 120)
  t.equal(columnsOf({}, 200), 200)
  t.equal(columnsOf({}), 80)
  t.equal(columnsOf({ COLUMNS: 'wide' }), 80)
  t.equal(columnsOf({ COLUMNS: '1' }), 40)
})

t.test('continuation lines are aligned below the text after a label', async (t) => {
  t.equal(
    wrapLines('  found     the namespace has two labels that contradict', 40),
    '  found     the namespace has two labels\n            that contradict',
  )
  t.equal(
    wrapLines('  one word after the other until it is full', 40),
    '  one word after the other until it is\n    full',
  )
  t.equal(wrapLines('no indentation here, words and words and words', 40).split('\n')[1], 'words')
})

t.test('colours have no width, and an unwrapped line stays whole', async (t) => {
  const red = `\u001b[31m${'x'.repeat(38)}\u001b[0m`
  t.equal(wrapLines(`${red} y`, 40), `${red} y`)
  t.equal(wrapLines(`${UNWRAPPED}${'a '.repeat(60)}`, 40), 'a '.repeat(60))
})

t.test('wrapping loses no word, and a line is too long only if a single word is', async () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/)
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.nat(8), (words, indent) => {
      const wrapped = wrapLines(' '.repeat(indent) + words.join(' '), 40)
      if (wrapped.split('\n').some((line) => line.length > 40)) return false
      return wrapped.trim().split(/\s+/).join(' ') === words.join(' ')
    }),
  )
})

t.test('the reports fit into 80 columns', async (t) => {
  for (const args of [
    ['check'],
    ['explain', 'namespace', 'stranded'],
    ['explain', 'namespace', 'migrating'],
    ['preview', '--to', 'canary'],
    ['check', '--help'],
    ['explain', 'revision-unknown'],
  ]) {
    let out = ''
    await runCli(
      [
        ...args,
        ...(args.includes('--help') || (args.length === 2 && args[0] === 'explain')
          ? []
          : ['--cluster', example]),
      ],
      {
        env: {},
        out: (text) => {
          out += text
        },
        err: () => undefined,
        readStdin: async () => '',
      },
    )
    for (const line of out.split('\n')) t.ok(line.length <= 80, `${args.join(' ')}: ${line}`)
    t.ok(out.length > 0)
  }
})
