/** Runs the `remora replay` and `diff` examples of docs/debugging.md; the reviews' ids are `ID-1` and so on there. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { runCli } from '../../src/cli/index.ts'
import {
  answer,
  CLUSTER_FOLDER,
  exampleReviews,
  exampleSnapshot,
  recordInto,
} from '../capture/capture-fixture.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/debugging.md'), 'utf8')

t.test('the page shows the real output', async (t) => {
  const folder = t.testdir()
  await recordInto(join(folder, 'captures'), exampleReviews(), (message) => t.fail(message))
  cpSync(CLUSTER_FOLDER, join(folder, 'next'), { recursive: true })
  for (const name of ['namespaces.yaml', 'mistaken-namespaces.yaml']) {
    const namespaces = join(folder, 'next', name)
    const text = readFileSync(namespaces, 'utf8')
    writeFileSync(namespaces, text.replaceAll('istio-injection: enabled', 'istio.io/rev: canary'))
  }
  const debug = JSON.parse(exampleReviews()[3]?.toString() ?? '')
  const { outcome } = answer(Buffer.from(JSON.stringify(debug)), await exampleSnapshot())
  const patch = Buffer.from(JSON.stringify('patch' in outcome ? outcome.patch : [])).toString('base64')
  writeFileSync(join(folder, 'plain.json'), JSON.stringify(debug))
  writeFileSync(
    join(folder, 'injected.json'),
    JSON.stringify({ ...debug, response: { allowed: true, patch } }),
  )
  const files = ['captures', 'next', 'plain.json', 'injected.json']

  const blocks = [...page.matchAll(/```console\n\$ remora ((?:replay|diff) .*)\n([\s\S]*?)```/g)]
  t.equal(blocks.length, 3)
  for (const [, command = '', shown = ''] of blocks) {
    const args = command.split(' ').map((word) => (files.includes(word) ? join(folder, word) : word))
    let out = ''
    const io = {
      env: { COLUMNS: '100000' },
      out: (text: string) => {
        out += text
      },
      err: () => undefined,
      readStdin: async () => '',
    }
    await runCli(args, io)
    const printed = out.replace(/\b[0-9a-f]{6}-(\d+) \(/g, 'ID-$1 (')
    // A line of dots matches any lines.
    const [begin = '', end] = shown.split(/^\.\.\.\n/m)
    t.ok(end === undefined ? printed === begin : printed.startsWith(begin) && printed.endsWith(end), printed)
  }
})
