/** The exit codes of all commands agree with the help and docs/exit-codes.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadAll } from '../../src/cli/index.ts'
import { runCommand } from './run-command.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/exit-codes.md'), 'utf8')

t.test('docs/exit-codes.md and the help of every command agree with the table of exit codes', async (t) => {
  for (const { name, exitCodes, help } of await loadAll()) {
    // Help cannot fail to give a result.
    if (name === 'help') continue
    if (exitCodes === undefined) throw new Error(`${name} has no exit codes`)
    const { success, negative } = exitCodes
    const plain = help(80).replaceAll(/\s+/g, ' ')
    t.match(
      plain,
      `Exit codes: 0 ${success}${negative === undefined ? '' : ` 1 ${negative}`} 2 no result: `,
      name,
    )
    t.ok(
      page.includes(`| \`remora ${name}\` | ${success} | ${negative ?? ''} |\n`),
      `${name} in docs/exit-codes.md`,
    )
  }
})

t.test('every command that reads a cluster exits with 2 if it is missing or unreadable', async (t) => {
  const folder = t.testdir({
    file: '',
    'pod.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n',
  })
  const pod = join(folder, 'pod.yaml')
  const commands = [
    [
      'serve',
      '--cert-dir',
      join(folder, 'certs'),
      '--port',
      '0',
      '--metrics-port',
      '0',
      '--log-level',
      'silent',
    ],
    ['inject', '-f', pod],
    ['explain', '-f', pod],
    ['explain', 'namespace', 'a'],
    ['check'],
    ['preview', '--to', 'canary'],
    ['replay', pod],
    ['version'],
    ['used-by', 'canary'],
  ] as const
  for (const args of commands) {
    for (const cluster of [join(folder, 'nowhere'), join(folder, 'file')]) {
      const { code, err } = await runCommand(...args, '--cluster', cluster)
      t.equal(code, 2, `${args.join(' ')} --cluster ${cluster}`)
      t.match(err, /^remora: [^\n]*(?:nowhere|file)[^\n]*\n$/)
    }
  }
  for (const args of commands.filter(([name]) => !['serve', 'version', 'replay'].includes(name))) {
    const missing = join(folder, 'kubeconfig')
    const { code, err } = await runCommand(...args, '--kubeconfig', missing)
    t.match(
      { code, err },
      { code: 2, err: /--kubeconfig [^ ]*kubeconfig: there is no such file/ },
      args.join(' '),
    )
    const both = await runCommand(...args, '--context', 'a', '--cluster', folder)
    t.match(both, { code: 2, err: /--context is for --cluster live/ }, args.join(' '))
  }
})

t.test('every command exits with 2 if the command line is invalid', async (t) => {
  for (const { name } of await loadAll()) {
    if (name === 'help') continue
    t.match(await runCommand(name, '--no-such-option'), { code: 2, out: '', err: /unknown option/ }, name)
    t.match(await runCommand(name, '--help'), { code: 0, err: '', out: /^Usage: remora /m }, name)
  }
})
