/** `remora used-by`: what depends on a revision or tag, and whether it may go. */
import { findSubject, findSubjects, findUsedBy } from '../analysis/index.ts'
import { OptionError, USED_BY_OPTIONS, type UsedByOptions } from '../config/index.ts'
import type { Problem } from '../inject/index.ts'
import { didYouMean } from '../nearest-name.ts'
import { type CommandIo, defineCommand } from './command.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { withCluster } from './open-cluster.ts'
import { choosePaint } from './paint.ts'
import { type ReadUsedBy, readUsedBy } from './read-used-by.ts'
import { jsonData, lines } from './text.ts'
import { listJson, listText } from './used-by-list.ts'
import { usedByJson, usedByNames, usedByText } from './used-by-text.ts'

export const usedByCommand = defineCommand({
  name: 'used-by',
  summary:
    'find everything that depends on a revision or tag, before it is removed; without a name, list all of them',
  forms: ['', 'REVISION|TAG'],
  options: USED_BY_OPTIONS,
  words: [{ values: [], names: 'revisions' }],
  exitCodes: {
    success: 'nothing depends on it; without a name: the list is printed',
    negative: 'something depends on it',
  },
  async run({ options, words, io }) {
    const [name, ...more] = words
    if (more.length > 0)
      throw new OptionError(
        'argument-unexpected',
        `expected used-by [REVISION|TAG], found ${JSON.stringify(words.join(' '))}`,
      )
    const problems: Problem[] = []
    const reading = { onProblem: (problem: Problem) => void problems.push(problem), allDeployments: true }
    const read = await withCluster(options, reading, (cluster) => readUsedBy({ ...cluster, problems }))
    return name === undefined ? list(read, options, io) : judge(name, read, { options, io })
  },
})

function list(read: ReadUsedBy, { output }: UsedByOptions, io: CommandIo): ExitCode {
  const complete = read.notRead.length === 0
  const all = findSubjects(read.facts).map((subject) => findUsedBy(subject, read.facts, complete))
  if (output === 'json') io.out(jsonData(listJson(all, read), 2))
  else if (output === 'name') io.out(lines(all.map(({ subject }) => `${subject.kind}/${subject.name}`)))
  else io.out(listText(all, read, choosePaint(io)))
  return complete ? EXIT.success : EXIT.noResult
}

interface Printing {
  readonly options: UsedByOptions
  readonly io: CommandIo
}

function judge(word: string, read: ReadUsedBy, { options: { output }, io }: Printing): ExitCode {
  const subjects = findSubjects(read.facts)
  const subject = findSubject(word, subjects)
  if (subject === undefined)
    throw unknownSubject(
      word,
      read,
      subjects.map((one) => one.name),
    )
  const found = findUsedBy(subject, read.facts, read.notRead.length === 0)
  if (output === 'json') io.out(jsonData(usedByJson(found, read), 2))
  else if (output === 'name') io.out(usedByNames(found))
  else io.out(usedByText(found, read, { wide: output === 'wide', paint: choosePaint(io) }))
  const { verdict } = found
  return verdict === 'in-use' ? EXIT.negative : verdict === 'free' ? EXIT.success : EXIT.noResult
}

function unknownSubject(word: string, { notRead }: ReadUsedBy, names: readonly string[]): OptionError {
  const unique = [...new Set(names)]
  const typed = word.replace(/^(?:revision|tag)\//, '')
  const unread = notRead.length === 0 ? '' : ` (not everything could be read: ${notRead.join('; ')})`
  return new OptionError(
    'argument-unexpected',
    `there is no revision or tag ${JSON.stringify(word)}; known: ${unique.join(', ') || 'none'}${didYouMean(typed, unique)}${unread}`,
  )
}
