/**
 * Every command that the README and docs print for a folder can be pasted: on the example cluster with its running pods it
 * gives a result, which is 0 or 1 and never 2.
 */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { renderWorkloads } from '../../scripts/render-example-workloads.ts'
import { runCommand } from '../cli/run-command.ts'

const root = resolve(import.meta.dirname, '../..')
const example = join(root, 'examples/canary-upgrade')

const PAGES = ['README.md', ...['check.md', 'debugging.md', 'preview.md'].map((name) => `docs/${name}`)]

/** `npm run -s remora -- COMMAND` and `remora COMMAND`, without comments, pipes and redirections. */
function commandsOf(page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^(?:\$ )?(?:npm run -s remora --|remora) ([a-z].*)$/gm)].map(([, command = '']) =>
    command.replace(/\s+[#|>].*$/, '').trim(),
  )
}

/** They need a running server, a live cluster, or files that the reader makes. */
const ELSEWHERE =
  /^(?:serve|status|admin|replay|diff|completion|rollout)\b|--cluster live|deployment\.yaml|--cluster next/

t.test('the running pods of the example are what the script makes', async (t) => {
  t.equal(readFileSync(join(example, 'running/workloads.yaml'), 'utf8'), await renderWorkloads())
})

t.test('every command gives a result', async (t) => {
  const cluster = join(t.testdir(), 'my-cluster')
  cpSync(join(example, 'cluster'), cluster, { recursive: true })
  for (const name of readdirSync(join(example, 'running')))
    cpSync(join(example, 'running', name), join(cluster, name))
  const commands = new Set(PAGES.flatMap(commandsOf).filter((command) => !ELSEWHERE.test(command)))
  t.ok(commands.size >= 10, [...commands].join('\n'))
  for (const command of commands) {
    const args = command
      .split(/\s+/)
      .map((word) =>
        word === 'my-cluster' ? cluster : /^(?:examples|test)\//.test(word) ? join(root, word) : word,
      )
    const { code, err } = await runCommand(...args.map((word) => (word === 'shop' ? 'checkout' : word)))
    t.ok(code === 0 || code === 1, `${command}: ${err}`)
  }
})
