/** The completion scripts in real shells: what is offered for a command line that ends in a word half typed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import * as config from '../../src/config/index.ts'
import { codes } from '../../src/inject/index.ts'
import { runCommand } from './run-command.ts'

const DRIVER = join(import.meta.dirname, 'zsh')
const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0
const COMMANDS = [
  'serve',
  'inject',
  'explain',
  'check',
  'preview',
  'replay',
  'diff',
  'status',
  'admin',
  'version',
  'completion',
  'help',
]

/** A line as it is typed, and what a shell offers; undefined: at least these. */
interface Row {
  readonly line: string
  readonly offers?: readonly string[]
  readonly among?: readonly string[]
}

const rows: readonly Row[] = [
  { line: 'remora ', among: COMMANDS },
  { line: 'remora re', offers: ['replay'] },
  { line: 'remora frobnicate ', offers: [] },
  { line: 'remora check --fail-on ', offers: ['error', 'warning'] },
  { line: 'remora check --fail-on=w', offers: ['warning'] },
  { line: 'remora check -o ', offers: ['text', 'json'] },
  { line: 'remora check -o j', offers: ['json'] },
  { line: 'remora check -o json --fai', offers: ['--fail-on'] },
  { line: 'remora preview -o ', offers: ['text', 'json', 'html'] },
  { line: 'remora preview --h', offers: ['--help'] },
  { line: 'remora inject --output ', offers: ['yaml', 'json'] },
  { line: 'remora serve --tls ', offers: ['dev', 'files', 'self'] },
  { line: 'remora serve --log-level w', offers: ['warn'] },
  { line: 'remora serve --port ', offers: [] },
  { line: 'remora check --cluster l', offers: ['live'] },
  { line: 'remora check --cluster m', offers: ['my cluster'] },
  { line: 'remora inject -f p', offers: ['pod.yaml'] },
  { line: 'remora inject --filename=p', offers: ['pod.yaml'] },
  { line: 'remora explain dep', offers: ['deployment'] },
  {
    line: 'remora explain revision-un',
    offers: ['revision-unknown', 'revision-untrusted', 'revision-unusable'],
  },
  { line: 'remora explain pod ', offers: [] },
  { line: 'remora status -o ', offers: ['text', 'json'] },
  { line: 'remora admin ', offers: ['capture'] },
  { line: 'remora admin capture st', offers: ['status', 'start', 'stop'] },
  { line: 'remora admin --capture m', offers: ['my cluster'] },
  { line: 'remora admin --capture x capture n', offers: ['narrow'] },
  { line: 'remora admin --capture=x capture n', offers: ['narrow'] },
  { line: 'remora replay -o json p', offers: ['pod.yaml'] },
  { line: 'remora replay --rec', offers: ['--record'] },
  { line: 'remora replay --record m', offers: ['my cluster'] },
  { line: 'remora diff pod.yaml m', offers: ['my cluster'] },
  { line: 'remora help exp', offers: ['explain'] },
  { line: 'remora completion ', offers: ['bash', 'zsh'] },
  { line: 'remora completion bash ', offers: [] },
]

async function script(shell: string): Promise<string> {
  const { code, out } = await runCommand('completion', shell)
  if (code !== 0) throw new Error(`completion ${shell} ended with ${code}`)
  return out
}

/** A folder with something to complete, and the script in it. */
async function makeFolder(t: Test, shell: string): Promise<string> {
  const folder = t.testdir({ 'pod.yaml': '', 'my cluster': {} })
  mkdirSync(join(folder, '.script'))
  writeFileSync(join(folder, '.script', '_remora'), await script(shell))
  return folder
}

/** bash breaks words at `=` too. */
function wordsOf(line: string): readonly string[] {
  const words = line.split(/ +|(=)/).filter((word) => word !== undefined && word !== '')
  return /[ =]$/.test(line) && !line.endsWith('=') ? [...words, ''] : words
}

function offeredByBash(folder: string, line: string): readonly string[] {
  const words = wordsOf(line)
  const run = `source .script/_remora
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_remora
printf "%s\\n" "\${COMPREPLY[@]}"`
  const out = execFileSync('bash', ['--norc', '-c', run, 'bash', ...words], { cwd: folder, encoding: 'utf8' })
  return out.split('\n').filter((word) => word !== '')
}

t.test('bash', { skip: has('bash') ? false : 'bash is not here' }, async (t) => {
  const folder = await makeFolder(t, 'bash')
  for (const { line, offers, among } of rows) {
    const found = offeredByBash(folder, line)
    if (offers !== undefined) t.same([...found].sort(), [...offers].sort(), line)
    for (const word of among ?? []) t.ok(found.includes(word), `${line}: ${word}`)
  }
  const registered = 'source .script/_remora; complete -p remora'
  t.match(
    execFileSync('bash', ['--norc', '-c', registered], { cwd: folder, encoding: 'utf8' }),
    'complete -F _remora remora',
  )
})

t.test('zsh', { skip: has('zsh') ? false : 'zsh is not here' }, async (t) => {
  const folder = await makeFolder(t, 'zsh')
  copyFileSync(join(DRIVER, 'capture.zsh'), join(folder, '.script', 'capture.zsh'))
  writeFileSync(join(folder, '.script', 'lines'), rows.map(({ line }) => line).join('\n'))
  writeFileSync(join(folder, '.script', 'offers'), '')
  execFileSync('zsh', ['-f', join(DRIVER, 'driver.zsh'), folder], { timeout: 300_000 })
  const answers = readFileSync(join(folder, '.script', 'offers'), 'utf8').split('\n')
  for (const [i, { line, offers, among }] of rows.entries()) {
    const found = [...new Set((answers[i] ?? '').split('\t').filter((word) => word !== ''))]
    // zsh also offers options where there is nothing else to offer, with the `=` that may follow them.
    const bare = found
      .filter((word) => !word.startsWith('-') || / -\S*$/.test(line))
      .map((word) => word.replace(/=$/, ''))
    if (offers !== undefined) t.same(bare.sort(), [...offers].sort(), line)
    for (const word of among ?? []) t.ok(bare.includes(word), `${line}: ${word}`)
  }
})

t.test('every option, command and code is in the scripts', async (t) => {
  for (const shell of ['bash', 'zsh']) {
    const text = await script(shell)
    for (const [name, table] of Object.entries(config)) {
      if (!name.endsWith('_OPTIONS') || typeof table !== 'object') continue
      for (const [flag, option] of Object.entries<config.Option<unknown>>(table))
        t.equal(text.includes(`--${flag}`), option.hidden !== true, `${shell} --${flag}`)
    }
    for (const word of [...COMMANDS, ...Object.keys(codes)]) t.ok(text.includes(word), `${shell} ${word}`)
  }
})

t.test('what a placeholder says literally is a value that the option takes', async (t) => {
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

t.test('a shell that is not known, or none', async (t) => {
  t.match(await runCommand('completion', 'fish'), {
    code: 2,
    err: /expected completion bash\|zsh, found "fish"/,
  })
  t.match(await runCommand('completion'), { code: 2, err: /found nothing/ })
  t.match(await runCommand('completion', '--help'), { code: 0, out: /Usage: remora completion bash\|zsh/ })
})
