/** Owns: `remora admin capture ...`: asking a running server about what it records, and narrowing it. */
import { defaultSocketPath } from '../admin/index.ts'
import {
  ADMIN_ACTIONS,
  askRecorder,
  type CaptureFilter,
  captureSocketPath,
  type RecorderStatus,
} from '../capture/index.ts'
import {
  ADMIN_OPTIONS,
  type AdminOptions,
  commandHelp,
  OptionError,
  readOptions,
  splitArguments,
} from '../config/index.ts'
import type { Command } from './command.ts'
import { jsonData, lines, ownText, type Text } from './text.ts'

const DESCRIPTION = {
  name: 'admin',
  summary: 'ask what a running server records, narrow it, stop and start it',
  forms: ADMIN_ACTIONS.map((action) => `capture ${action}`),
  options: ADMIN_OPTIONS,
}

export const adminCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  words: [{ values: ['capture'] }, { values: ADMIN_ACTIONS }, { values: [] }],
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const split = splitArguments(ADMIN_OPTIONS, args)
    const options = readOptions(ADMIN_OPTIONS, { args: split.args, env: io.env })
    if (options.help === true) {
      io.out(ownText(adminCommand.help()))
      return 0
    }
    const [subject, verb, ...more] = split.words
    const action = ADMIN_ACTIONS.find((one) => one === verb)
    if (subject !== 'capture' || action === undefined || more.length > 0) {
      throw new OptionError(
        'argument-unexpected',
        `expected admin capture ${ADMIN_ACTIONS.join('|')}, found ${JSON.stringify(split.words.join(' '))}`,
      )
    }
    const status = await askRecorder(
      socketOf(options),
      action === 'narrow' ? { action, filter: filterOf(options) } : { action },
    )
    io.out(options.json === true ? jsonData(status) : describe(status))
    return 0
  },
}

function socketOf({ capture, 'admin-socket': path, 'metrics-port': port }: AdminOptions): string {
  return capture === undefined ? (path ?? defaultSocketPath(port)) : captureSocketPath(capture)
}

function filterOf(options: AdminOptions): CaptureFilter {
  return {
    namespaces: options['capture-namespace'],
    workloads: options['capture-workload'],
    revisions: options['capture-revision'],
    codes: options['capture-code'],
    failuresOnly: options['capture-failures-only'],
    samplePercent: options['capture-sample'],
  }
}

function describe(status: RecorderStatus): Text {
  const { recording, raw, folder, reviews, maxReviews, bytes, maxBytes, recorded, dropped } = status
  return lines([
    `${recording ? 'recording' : 'stopped'}${raw ? ' (raw, not redacted)' : ''} in ${folder}`,
    `kept      ${reviews} of at most ${maxReviews} reviews, ${bytes} of at most ${maxBytes} bytes`,
    `recorded  ${recorded}, dropped ${dropped}`,
    `filter    ${describeFilter(status.filter)}`,
    `narrowed  ${describeFilter(status.narrowed)}`,
  ])
}

function describeFilter(filter: CaptureFilter): string {
  const { namespaces, workloads, revisions, codes, failuresOnly, samplePercent } = filter
  const parts = [
    ...named('namespace', namespaces),
    ...named('workload', workloads),
    ...named('revision', revisions),
    ...named('code', codes),
    ...(failuresOnly ? ['failures only'] : []),
    ...(samplePercent < 100 ? [`${samplePercent} %`] : []),
  ]
  return parts.length === 0 ? 'everything' : parts.join('; ')
}

function named(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what} ${names.join(' or ')}`]
}
