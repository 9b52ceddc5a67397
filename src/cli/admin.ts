/** `remora admin capture ...`: shows and changes what a running server records. */
import { defaultSocketPath } from '../admin/index.ts'
import {
  ADMIN_ACTIONS,
  askRecorder,
  type CaptureFilter,
  captureFilterOf,
  captureSocketPath,
  type RecorderStatus,
} from '../capture/index.ts'
import { ADMIN_OPTIONS, type AdminOptions, OptionError } from '../config/index.ts'
import { defineCommand } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { jsonData, lines, type Text } from './text.ts'

export const adminCommand = defineCommand({
  name: 'admin',
  summary: 'show, start, stop or restrict what a running server records',
  forms: ADMIN_ACTIONS.map((action) => `capture ${action}`),
  options: ADMIN_OPTIONS,
  words: [{ values: ['capture'] }, { values: ADMIN_ACTIONS }, { values: [] }],
  exitCodes: { success: 'the server carried out the command' },
  async run({ options, words, io }) {
    const [subject, verb, ...more] = words
    const action = ADMIN_ACTIONS.find((one) => one === verb)
    if (subject !== 'capture' || action === undefined || more.length > 0) {
      throw new OptionError(
        'argument-unexpected',
        `expected admin capture ${ADMIN_ACTIONS.join('|')}, found ${JSON.stringify(words.join(' '))}`,
      )
    }
    const status = await askRecorder(
      socketOf(options),
      action === 'narrow' ? { action, filter: captureFilterOf(options) } : { action },
    )
    io.out(options.output === 'json' ? jsonData(status, 2) : describe(status))
    return EXIT.success
  },
})

function socketOf({ capture, 'admin-socket': path, 'metrics-port': port }: AdminOptions): string {
  return capture === undefined ? (path ?? defaultSocketPath(port)) : captureSocketPath(capture)
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
    ...(samplePercent < 100 ? [`${samplePercent}%`] : []),
  ]
  return parts.length === 0 ? 'everything' : parts.join('; ')
}

function named(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what} ${names.join(' or ')}`]
}
