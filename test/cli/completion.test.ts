/** Completions of a command line that ends in an incomplete word, by the program and in real shells. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import * as config from '../../src/config/index.ts'
import { exampleWithMistakes } from '../example-cluster.ts'
import { runCommand } from './run-command.ts'

const root = resolve(import.meta.dirname, '../..')
const example = exampleWithMistakes()
const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0
const COMMANDS = [
  'serve',
  'inject',
  'explain',
  'check',
  'preview',
  'rollout',
  'replay',
  'diff',
  'status',
  'admin',
  'version',
  'completion',
  'help',
]

/** A typed line and its completions; `among`: at least these. */
interface Row {
  readonly line: string
  readonly offers?: readonly string[]
  readonly among?: readonly string[]
  /** `:0` files, `:16` folders, else neither. */
  readonly paths?: ':0' | ':16'
}

const rows: readonly Row[] = [
  { line: 'remora ', among: COMMANDS },
  { line: 'remora re', offers: ['replay'] },
  { line: 'remora frobnicate ', offers: [] },
  { line: 'remora check --fail-on ', offers: ['error', 'warning'] },
  { line: 'remora check --fail-on=w', offers: ['--fail-on=warning'] },
  { line: 'remora check --dry-run ', offers: ['none', 'server'] },
  { line: 'remora check -o ', offers: ['text', 'json'] },
  { line: 'remora check -o j', offers: ['json'] },
  { line: 'remora check -o json --fai', offers: ['--fail-on'] },
  { line: 'remora preview -o ', offers: ['text', 'json', 'html'] },
  { line: 'remora preview --h', offers: ['--help'] },
  { line: 'remora inject --output ', offers: ['yaml', 'json'] },
  { line: 'remora serve --tls ', offers: ['dev', 'files', 'self'] },
  { line: 'remora serve --log-level w', offers: ['warn'] },
  { line: 'remora serve --port ', offers: [] },
  { line: 'remora check --cluster l', offers: ['live'], paths: ':16' },
  { line: 'remora check --cluster m', offers: [], paths: ':16' },
  { line: 'remora inject -f p', offers: [], paths: ':0' },
  { line: 'remora inject --filename=p', offers: [], paths: ':0' },
  { line: 'remora explain dep', offers: ['deployment', 'deploymentconfig'] },
  {
    line: 'remora explain revision-un',
    offers: ['revision-unknown', 'revision-untrusted', 'revision-unusable'],
  },
  { line: 'remora explain pod ', offers: [] },
  { line: 'remora status -o ', offers: ['text', 'json', 'wide', 'name'] },
  { line: 'remora admin ', offers: ['capture'] },
  { line: 'remora admin capture st', offers: ['status', 'start', 'stop'] },
  { line: 'remora admin --capture m', offers: [], paths: ':16' },
  { line: 'remora admin --capture x capture n', offers: ['narrow'] },
  { line: 'remora admin --capture=x capture n', offers: ['narrow'] },
  { line: 'remora replay -o json p', offers: [], paths: ':0' },
  { line: 'remora replay --rec', offers: ['--record'] },
  { line: 'remora replay --record m', offers: [], paths: ':16' },
  { line: 'remora diff pod.yaml m', offers: [], paths: ':0' },
  { line: 'remora help exp', offers: ['explain'] },
  { line: 'remora completion ', offers: ['bash', 'zsh', 'fish'] },
  { line: 'remora completion bash ', offers: [] },
]

/** Only their first word has the cluster's names in it. */
const CLUSTER = `--cluster ${example}`
const named: readonly Row[] = [
  { line: `remora check ${CLUSTER} --revision can`, offers: ['canary'] },
  { line: `remora preview ${CLUSTER} --to=prod`, offers: ['--to=prod-stable'] },
  { line: `remora preview ${CLUSTER} -n mig`, offers: ['migrating'] },
  { line: `remora explain ${CLUSTER} namespace stra`, offers: ['stranded'] },
  { line: `remora explain ${CLUSTER} ns/stra`, offers: ['ns/stranded'] },
  {
    line: `remora explain ${CLUSTER} deployment istio-system/istiod-can`,
    offers: ['istio-system/istiod-canary'],
  },
  { line: `remora explain ${CLUSTER} -n istio-system deploy/istiod-can`, offers: ['deploy/istiod-canary'] },
  { line: 'remora check --cluster missing --revision ', offers: [] },
]

async function offered(line: string): Promise<{ readonly words: readonly string[]; readonly paths: string }> {
  const { code, out, err } = await runCommand('__complete', ...line.split(' ').slice(1))
  t.equal(code, 0, line)
  t.equal(err, '', line)
  const lines = out.trimEnd().split('\n')
  return { words: lines.slice(0, -1).map((each) => each.split('\t')[0] ?? ''), paths: lines.at(-1) ?? '' }
}

t.test('each command line has its completions', async (t) => {
  for (const { line, offers, among = [], paths = ':4' } of [...rows, ...named]) {
    const found = await offered(line)
    if (offers !== undefined) t.same([...found.words].sort(), [...offers].sort(), line)
    for (const word of among) t.ok(found.words.includes(word), `${line}: ${word}`)
    t.equal(found.paths, paths, line)
  }
})

t.test('every option of every command is offered', async (t) => {
  for (const [name, table] of Object.entries(config)) {
    const command = /^([A-Z]+)_OPTIONS$/.exec(name)?.[1]?.toLowerCase()
    if (command === undefined || !COMMANDS.includes(command)) continue
    const { words } = await offered(`remora ${command} --`)
    const hidden = (option: object) => 'hidden' in option
    for (const [flag, option] of Object.entries(table))
      t.equal(words.includes(`--${flag}`), !hidden(option), `${command} --${flag}`)
  }
})

t.test('a name with characters that a terminal acts on is offered escaped', async (t) => {
  const folder = t.testdir({
    'ns.json': '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a\\u001b[2Jb"}}',
  })
  const { out } = await runCommand('__complete', 'check', '--cluster', folder, '-n', 'a')
  t.notMatch(out, '\u001b')
})

/** What the shells below are tried with: they ask the same program, so a few kinds of lines suffice. */
const shellRows: readonly Row[] = [
  { line: 'remora check --fail-on=w', offers: ['warning'] },
  { line: 'remora inject --filename=p', offers: ['pod.yaml'] },
  { line: 'remora check --cluster cluster --revision can', offers: ['canary'] },
]

/** A folder with something to complete, the script, and a `remora` for the PATH. */
async function makeFolder(t: Test, shell: string): Promise<string> {
  const folder = t.testdir({ 'pod.yaml': '', 'my cluster': {}, bin: {} })
  symlinkSync(example, join(folder, 'cluster'))
  const program = join(folder, 'bin/remora')
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'src/main.ts')}' "$@"\n`)
  chmodSync(program, 0o755)
  const { out } = await runCommand('completion', shell)
  writeFileSync(join(folder, 'bin/_remora'), out)
  return folder
}

function ask(folder: string, command: readonly string[]): readonly string[] {
  const [file = '', ...args] = command
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, REMORA_CLUSTER: '' }
  const out = execFileSync(file, args, { cwd: folder, encoding: 'utf8', env })
  return out.split('\n').filter((word) => word !== '')
}

/** bash breaks words at `=` too. */
function wordsOf(line: string): readonly string[] {
  return line.split(/ +|(=)/).filter((word) => word !== undefined && word !== '')
}

t.test(
  'bash completes commands, options and names',
  { skip: has('bash') ? false : 'bash is not here' },
  async (t) => {
    const folder = await makeFolder(t, 'bash')
    const run = `source bin/_remora
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_remora
printf "%s\\n" "\${COMPREPLY[@]}"`
    for (const { line, offers } of shellRows)
      t.same(ask(folder, ['bash', '--norc', '-c', run, 'bash', ...wordsOf(line)]), offers, line)
    t.same(ask(folder, ['bash', '--norc', '-c', 'source bin/_remora; complete -p remora']), [
      'complete -F _remora remora',
    ])
  },
)

t.test(
  'fish completes commands, options and names',
  { skip: has('fish') ? false : 'fish is not here' },
  async (t) => {
    const folder = await makeFolder(t, 'fish')
    for (const { line, offers = [] } of shellRows) {
      const found = ask(folder, ['fish', '--no-config', '-c', `source bin/_remora; complete -C '${line}'`])
      const words = found.map((word) =>
        (word.split('\t')[0] ?? '').replace(/^--[\w-]+=/, '').replace(/\/$/, ''),
      )
      t.same(
        words.map((word) => word.replaceAll('\\', '')),
        offers,
        line,
      )
    }
  },
)

t.test(
  'zsh completes commands, options and names',
  { skip: has('zsh') ? false : 'zsh is not here' },
  async (t) => {
    const folder = await makeFolder(t, 'zsh')
    // Replaces what zsh does with candidates, which needs a terminal.
    const run = `_describe() { print -l -- "\${(@)described%%:*}" }
compadd() { shift; print -l -- "$@" }
compset() { [[ \${words[CURRENT]} == -*=* ]] && PART=\${words[CURRENT]#*=} }
_files() { local part=\${PART-\${words[CURRENT]}}; print -l -- $part*(N) }
compdef() { }
source bin/_remora
words=("$@"); CURRENT=$#words
_remora`
    for (const { line, offers } of shellRows) {
      const found = ask(folder, ['zsh', '-f', '-c', run, 'zsh', ...line.split(' ')])
      t.same(
        found.map((word) => word.replace(/^--[\w-]+=/, '')),
        offers,
        line,
      )
    }
  },
)

t.test('every literal value in a placeholder is accepted by its option', async (t) => {
  let literals = 0
  for (const [name, table] of Object.entries(config)) {
    if (!name.endsWith('_OPTIONS')) continue
    for (const [flag, option] of Object.entries(table as config.OptionTable)) {
      for (const part of option.placeholder.split('|').filter((one) => /^[a-z-]+$/.test(one))) {
        t.equal(option.parse(part).ok, true, `${name} --${flag} ${part}`)
        literals++
      }
    }
  }
  t.ok(literals >= 15)
})

t.test('a shell without a script is an error that names those with one', async (t) => {
  const { code, err } = await runCommand('completion', 'tcsh')
  t.equal(code, 2)
  t.match(err, /expected completion bash\|zsh\|fish, found "tcsh"/)
})
