/**
 * `remora __complete WORDS` prints one candidate per line, with a tab before its description, and then a line that says
 * what else the shell should offer. The format is that of cobra, which kubectl expects of a plugin's `kubectl_complete-` program.
 */
import { type ObjectReader, readCluster, readContexts } from '../cluster/index.ts'
import { COMPLETE_OPTIONS, readOptions } from '../config/index.ts'
import { kindOfWord } from '../kube/index.ts'
import { visibleText } from '../visible-text.ts'
import type { Command, CommandIo, NameKind } from './command.ts'
import { type Candidate, completeLine } from './complete-line.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { textOf } from './pod-subject.ts'
import { ownText } from './text.ts'

/** cobra's ShellCompDirectiveNoFileComp, Default and FilterDirs. */
const DIRECTIVES = { none: ':4', files: ':0', folders: ':16' } as const

/** Never fails: a shell would print the message into the line that is being typed. */
export async function complete(
  words: readonly string[],
  commands: readonly Command[],
  io: CommandIo,
): Promise<ExitCode> {
  const { candidates, paths, names } = completeLine(words, commands)
  const found = names === undefined ? [] : await tryNames(names.kind, words, io)
  const typed = words.at(-1) ?? ''
  const named = found.map((name): Candidate => ({ word: `${names?.prefix ?? ''}${name}` }))
  const all = [...candidates, ...named.filter(({ word }) => word.startsWith(typed))]
  const rows = all.map(({ word, description }) =>
    // A cluster's names are foreign text.
    [visibleText(word), ...(description === undefined ? [] : [description])].join('\t'),
  )
  io.out(ownText(`${[...rows, DIRECTIVES[paths ?? 'none']].join('\n')}\n`))
  return EXIT.success
}

async function tryNames(kind: NameKind, words: readonly string[], io: CommandIo): Promise<readonly string[]> {
  try {
    return await namesOf(kind, words, io)
  } catch {
    return []
  }
}

async function namesOf(kind: NameKind, words: readonly string[], io: CommandIo): Promise<readonly string[]> {
  const options = readOptions(COMPLETE_OPTIONS, { args: argumentsOf(words), env: io.env })
  if (kind === 'contexts') return readContexts(options.kubeconfig)
  const { snapshot, objects } = await readCluster(options, { onProblem: () => undefined })
  try {
    if (kind === 'revisions') return [...snapshot.revisions.keys(), ...snapshot.tags.keys()].sort()
    if (kind === 'namespaces') return [...snapshot.namespaces.keys()].sort()
    return await workloadsOf(words, options.namespace, objects)
  } finally {
    objects.close()
  }
}

/** The options for cluster and namespace that have been typed. All other arguments are ignored, because they may be incomplete. */
function argumentsOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word, i) => {
    const flag = word.split('=')[0] ?? ''
    const known = flag === '-n' || (flag.startsWith('--') && flag.slice(2) in COMPLETE_OPTIONS)
    if (!known) return []
    if (word.includes('=')) return [word]
    const value = words[i + 1]
    // The last word is the one that is being typed.
    return value === undefined || i + 1 === words.length - 1 ? [] : [word, value]
  })
}

/** For `deployment/w`, `deployment w` and `deployment shop/w`. */
async function workloadsOf(
  words: readonly string[],
  namespace: string,
  objects: ObjectReader,
): Promise<readonly string[]> {
  const typed = words.at(-1) ?? ''
  const slash = typed.indexOf('/')
  const before = words.slice(1, -1).find((word) => kindOfWord(word) !== undefined)
  const kind = kindOfWord(before ?? typed.slice(0, Math.max(slash, 0)))
  if (kind === undefined) return []
  if (kind === 'namespace')
    return names(await objects.list('namespace'), before === undefined ? typed.slice(0, slash + 1) : '')
  const inTyped = before !== undefined && slash > 0
  const where = inTyped ? typed.slice(0, slash) : namespace
  const prefix = before === undefined || inTyped ? typed.slice(0, slash + 1) : ''
  return names(await objects.list(kind, where), prefix)
}

function names(objects: Awaited<ReturnType<ObjectReader['list']>>, prefix: string): readonly string[] {
  return objects.map((object) => `${prefix}${textOf(object, 'name')}`)
}
