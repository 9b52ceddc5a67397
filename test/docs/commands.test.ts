/**
 * Every command that the README and docs show for a folder works: on the example cluster with its running pods the
 * exit code is 0 or 1, never 2.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { renderWorkloads, WORKLOAD_FILES } from '../../scripts/render-example-workloads.ts'
import { DEPENDANT_KINDS } from '../../src/analysis/index.ts'
import { runCli } from '../../src/cli/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { copyExample, EXAMPLE_FOLDERS } from '../example-cluster.ts'
import { makeClusters } from './example-page.ts'

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
const ELSEWHERE = /^(?:serve|status|admin|replay|diff|completion|rollout)\b|--cluster live|deployment\.yaml/

/** The pages say how they are made. */
const CLUSTERS = ['my-cluster', 'next']

t.test('the running pods of the example are those that the script generates', async (t) => {
  for (const file of WORKLOAD_FILES)
    t.equal(readFileSync(join(example, file), 'utf8'), await renderWorkloads(file), file)
})

t.test('the example has no problems except those in mistakes/', async (t) => {
  const healthy = copyExample(join(t.testdir(), 'healthy'), ['cluster', 'running'])
  const { out, code } = await runCommand('check', '--cluster', healthy, '--fail-on', 'warning', '-o', 'json')
  t.equal(code, 0, out)
  const { counts, findings } = JSON.parse(out)
  t.match(counts, { error: 0, warning: 0 })
  t.ok(
    findings.some(({ code: found }: { code: string }) => found === 'restart-changes-sidecar'),
    'some of its pods are stale',
  )
  copyExample(healthy, ['mistakes'])
  const mistaken = JSON.parse((await runCommand('check', '--cluster', healthy, '-o', 'json')).out)
  const worse = mistaken.findings.filter(({ severity }: { severity: string }) => severity !== 'note')
  t.same(
    worse.map((one: { code: string; where: { object: string } }) => `${one.code} ${one.where.object}`),
    [
      'revision-label-unserved Namespace stranded with 1 workload',
      'namespace-revision-ignored Namespace migrating with 1 workload',
    ],
  )
})

t.test('every command gives a result', async (t) => {
  const folder = t.testdir({})
  for (const page of PAGES) makeClusters(readFileSync(join(root, page), 'utf8'), folder)
  const commands = new Set(PAGES.flatMap(commandsOf).filter((command) => !ELSEWHERE.test(command)))
  t.ok(commands.size >= 10, [...commands].join('\n'))
  for (const command of commands) {
    const args = command
      .split(/\s+/)
      .map((word) =>
        CLUSTERS.includes(word)
          ? join(folder, word)
          : /^(?:examples|test)\//.test(word)
            ? join(root, word)
            : word,
      )
    const { code, err } = await runCommand(...args.map((word) => (word === 'shop' ? 'checkout' : word)))
    t.ok(code === 0 || code === 1, `${command}: ${err}`)
  }
})

t.test('the output in docs/used-by.md is real', async (t) => {
  const cluster = copyExample(join(t.testdir(), 'my-cluster'), EXAMPLE_FOLDERS)
  const page = readFileSync(join(root, 'docs/used-by.md'), 'utf8')
  for (const { id } of DEPENDANT_KINDS) t.ok(page.includes(`\`${id}\``), `the page describes ${id}`)
  const blocks = [...page.matchAll(/```console\n\$ remora (used-by .*)\n([\s\S]*?)```/g)]
  t.equal(blocks.length, 2)
  for (const [, command = '', shown] of blocks) {
    let out = ''
    const args = command.split(' ').map((word) => (word === 'my-cluster' ? cluster : word))
    const add = (text: string) => {
      out += text
    }
    const code = await runCli(args, { env: {}, out: add, err: add, readStdin: async () => '' })
    t.equal(out, shown, command)
    t.equal(code, args.includes('1-29-2') ? 1 : 0, command)
  }
})
