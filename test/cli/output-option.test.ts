/** `-o, --output`, which all commands share, and the old flags that still work. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { loadAll, runCli } from '../../src/cli/index.ts'
import { runCommand } from './run-command.ts'

const example = ['--cluster', join(resolve(import.meta.dirname, '../..'), 'examples/canary-upgrade/cluster')]
const POD =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: test-ns}\nspec: {containers: [{name: a, image: "a:1"}]}\n'

/** Output forms by command, the default first. */
const FORMS = new Map([
  ['inject', 'yaml|json'],
  ['explain', 'text|json'],
  ['check', 'text|json'],
  ['preview', 'text|json|html'],
  ['rollout', 'text|json'],
  ['replay', 'text|json'],
  ['diff', 'text|json'],
  ['status', 'text|json|wide|name'],
  ['used-by', 'text|json|wide|name'],
  ['admin', 'text|json'],
  ['version', 'text|json'],
])

t.test('the help of every command with output formats shows -o, and none shows the old flags', async (t) => {
  for (const { name, help } of await loadAll()) {
    const forms = FORMS.get(name)
    if (forms !== undefined) t.ok(help(80).includes(`  -o, --output ${forms}\n`), name)
    else t.notMatch(help(80), '--output', name)
    t.notMatch(help(80), /--json|--html/, name)
  }
})

t.test(
  '--json is the same as -o json on the command line and in the environment, and the last one wins',
  async (t) => {
    const { out } = await runCommand('check', ...example, '-o', 'json')
    t.ok(JSON.parse(out).findings)
    for (const args of [['--json'], ['--output=json'], ['-o', 'text', '--json'], ['--json=true']])
      t.equal((await runCommand('check', ...example, ...args)).out, out, args.join(' '))
    for (const args of [['--json', '-o', 'text'], ['--json=false']])
      t.match((await runCommand('check', ...example, ...args)).out, /^revision /, args.join(' '))
    t.match(await runCommand('check', ...example, '--json=maybe'), {
      code: 2,
      err: /--json: "maybe" is not true or false/,
    })
    const from = async (env: { readonly [name: string]: string }, ...args: string[]) => {
      let printed = ''
      const io = {
        env,
        out: (more: string) => {
          printed += more
        },
        err: () => {},
        readStdin: async () => '',
      }
      await runCli(['check', ...example, ...args], io)
      return printed
    }
    t.equal(await from({ REMORA_JSON: 'true' }), out)
    t.equal(await from({ REMORA_OUTPUT: 'json' }), out)
    t.match(await from({ REMORA_JSON: 'true', REMORA_OUTPUT: 'text' }), /^revision /)
    t.match(await from({ REMORA_JSON: 'true' }, '-o', 'text'), /^revision /)
  },
)

t.test('preview -o html prints the same page that --html writes', async (t) => {
  const file = join(t.testdir(), 'page.html')
  const args = ['preview', '--to', 'canary', ...example]
  const { code, out } = await runCommand(...args, '-o', 'html')
  t.equal(code, 0)
  t.match(out, /^<!doctype html>\n/)
  const old = await runCommand(...args, '--html', file)
  t.match(old.out, /^Preview: /)
  t.equal(readFileSync(file, 'utf8'), out)
  const json = await runCommand(...args, '--json')
  t.equal(json.out, (await runCommand(...args, '-o', 'json')).out)
  t.same(Object.keys(JSON.parse(json.out)).slice(0, 2), ['from', 'to'])
})

t.test('inject -o json prints one object, or a List of several', async (t) => {
  const folder = t.testdir({
    'one.yaml': POD,
    'two.yaml': `${POD}---\n# nothing\n---\n${POD.replace('web', 'other')}`,
  })
  const inject = async (name: string) =>
    JSON.parse((await runCommand('inject', '-f', join(folder, name), ...example, '-o', 'json')).out)
  const one = await inject('one.yaml')
  t.match(one, { kind: 'Pod', metadata: { name: 'web' } })
  t.ok(JSON.stringify(one).includes('"istio-proxy"'))
  t.match(await inject('two.yaml'), {
    apiVersion: 'v1',
    kind: 'List',
    items: [{ metadata: { name: 'web' } }, { metadata: { name: 'other' } }],
  })
})

t.test('diff -o json prints the pods and the patch from the first to the second', async (t) => {
  const folder = t.testdir({ 'a.yaml': POD, 'b.yaml': POD.replace('a:1', 'a:2') })
  const [a, b] = [join(folder, 'a.yaml'), join(folder, 'b.yaml')]
  const { code, out } = await runCommand('diff', a, b, '-o', 'json')
  t.equal(code, 1)
  t.same(JSON.parse(out), {
    compared: 1,
    differ: 1,
    pods: [
      {
        name: 'test-ns/web',
        in: 'both',
        patch: [{ op: 'replace', path: '/spec/containers/0/image', value: 'a:2' }],
      },
    ],
  })
  const same = await runCommand('diff', a, a, '-o', 'json')
  t.match(
    { code: same.code, report: JSON.parse(same.out) },
    { code: 0, report: { compared: 1, differ: 0, pods: [] } },
  )
})

t.test('version and explain print JSON with -o json', async (t) => {
  t.match(JSON.parse((await runCommand('version', '-o', 'json')).out), {
    version: /^\d+\.\d+\.\d+/,
    node: /^\d/,
  })
  const { out } = await runCommand('version', '-o', 'json', ...example)
  t.match(JSON.parse(out).revisions, [
    { name: '1-29-2', namespace: 'istio-system', istioVersion: '1.29.2', tags: ['prod-stable'], state: 'ok' },
    { name: 'canary' },
    { name: 'default' },
  ])
  const code = JSON.parse((await runCommand('explain', 'no-labels', '-o', 'json')).out)
  t.equal(code.code, 'no-labels')
})
