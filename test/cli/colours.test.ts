/** All commands print colours on a terminal only, never with NO_COLOR, and one module writes them. */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { runCli } from '../../src/cli/index.ts'
import { serveState } from '../admin/serve-state.ts'
import { CLUSTER_FOLDER, exampleReviews, recordInto } from '../capture/capture-fixture.ts'
import { runCommand } from './run-command.ts'

const root = resolve(import.meta.dirname, '../..')
const ESCAPE = '\u001b['
const cluster = ['--cluster', CLUSTER_FOLDER]
const pod = (image: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image }] },
  })

interface Row {
  readonly args: readonly string[]
  /** It paints something where it may. */
  readonly paints: boolean
}

/** What each command prints beside its help; `serve` and `admin` print nothing that a terminal would change. */
function rowsIn(folder: string, socket: string): ReadonlyMap<string, readonly Row[]> {
  const [a, b] = [join(folder, 'a.json'), join(folder, 'b.json')]
  return new Map<string, readonly Row[]>([
    ['serve', [{ args: ['serve', '--help'], paints: false }]],
    ['inject', [{ args: ['inject', '-f', a, ...cluster], paints: false }]],
    [
      'explain',
      [
        { args: ['explain', 'namespace', 'stranded', ...cluster], paints: true },
        { args: ['explain', '-f', a, ...cluster], paints: true },
        { args: ['explain', '-f', a, '-o', 'json', ...cluster], paints: false },
        { args: ['explain', 'no-labels'], paints: true },
      ],
    ],
    [
      'check',
      [
        { args: ['check', ...cluster], paints: true },
        { args: ['check', '-o', 'json', ...cluster], paints: false },
      ],
    ],
    [
      'preview',
      [
        { args: ['preview', '--to', 'canary', ...cluster], paints: true },
        { args: ['preview', '--to', 'canary', '-o', 'json', ...cluster], paints: false },
      ],
    ],
    [
      'rollout',
      [
        { args: ['rollout', 'plan', '--from', 'default', '--to', 'canary', ...cluster], paints: false },
        { args: ['rollout', 'status', ...cluster], paints: false },
      ],
    ],
    ['replay', [{ args: ['replay', join(folder, 'captures'), ...cluster], paints: false }]],
    ['diff', [{ args: ['diff', a, b], paints: true }]],
    [
      'status',
      [
        { args: ['status', '--admin-socket', socket], paints: true },
        { args: ['status', '-o', 'json', '--admin-socket', socket], paints: false },
        { args: ['status', ...cluster], paints: true },
      ],
    ],
    ['used-by', [{ args: ['used-by', 'canary', ...cluster], paints: true }]],
    ['admin', [{ args: ['admin', 'capture', 'status', '--capture', folder], paints: false }]],
    ['version', [{ args: ['version', ...cluster], paints: false }]],
    ['completion', [{ args: ['completion', 'bash'], paints: false }]],
    ['help', [{ args: ['help'], paints: false }]],
  ])
}

async function printed(args: readonly string[], terminal: boolean, env: { NO_COLOR?: string } = {}) {
  let text = ''
  const add = (more: string) => {
    // Said where a busy machine takes longer.
    if (!/^\d+ reviews so far$/m.test(more)) text += more
  }
  await runCli(args, { env, terminal, out: add, err: add, readStdin: async () => '' })
  return text
}

t.test('commands print colours only on a terminal, and not with NO_COLOR', async (t) => {
  const folder = t.testdir({ 'a.json': pod('c:1'), 'b.json': pod('c:2') })
  await recordInto(join(folder, 'captures'), exampleReviews().slice(0, 3), (message) => t.fail(message))
  const rows = rowsIn(folder, await serveState(t, { ready: true, version: '0.1.0' }))
  const { out } = await runCommand('help')
  const commands = [...out.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map(([, name]) => name)
  t.same([...rows.keys()], commands, 'a new command gets a row here')
  for (const { args, paints } of [...rows.values()].flat()) {
    const name = args.slice(0, 3).join(' ')
    const plain = await printed(args, false)
    t.ok(plain.length > 0, name)
    t.notOk(plain.includes(ESCAPE), `${name}: no terminal`)
    t.notOk((await printed(args, true, { NO_COLOR: '1' })).includes(ESCAPE), `${name}: NO_COLOR`)
    const coloured = await printed(args, true, { NO_COLOR: '' })
    t.equal(coloured.includes(ESCAPE), paints, `${name}: a terminal`)
    t.equal(withoutColours(coloured).length, plain.length, `${name}: colours change nothing else`)
  }
})

t.test('only one module writes escape sequences for colours', async (t) => {
  const speaking = globSync('src/**/*.ts', { cwd: root }).filter((file) =>
    /(?:\\u001b|\\x1b|\\033)\[|styleText|isTTY/.test(readFileSync(join(root, file), 'utf8')),
  )
  t.same(speaking.sort(), ['src/cli/paint.ts', 'src/main.ts'], 'main.ts says whether there is a terminal')
})

function withoutColours(text: string): string {
  const [first = '', ...rest] = text.split(ESCAPE)
  return first + rest.map((part) => part.replace(/^\d+m/, '')).join('')
}
