/** `remora replay`: runs recorded reviews again and compares the answers. */
import {
  CaseFolder,
  connectReviewServer,
  describeConfig,
  type RecordOptions,
  type ReplayReport,
  type ReviewServer,
  readInputs,
  recordedRevision,
  replay,
} from '../capture/index.ts'
import { injectOptionsOf, OptionError, REPLAY_OPTIONS, type ReplayOptions } from '../config/index.ts'
import type { Snapshot } from '../inject/index.ts'
import { type CommandIo, defineCommand } from './command.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { readSnapshot } from './open-cluster.ts'
import { readNamedFile } from './read-file.ts'
import { jsonData, lines, type Text, text } from './text.ts'

export const replayCommand = defineCommand({
  name: 'replay',
  summary: 'run captured reviews again and show which answers differ, and why',
  forms: ['FILE|DIR...'],
  options: REPLAY_OPTIONS,
  words: [{ values: [], paths: 'files' }],
  exitCodes: { success: 'all responses are the same', negative: 'at least one response differs' },
  async run({ options, words, io }) {
    if (words.length === 0)
      throw new OptionError(
        'option-missing',
        'expected files or folders to replay: remora replay FILE|DIR...',
      )
    let server: ReviewServer | undefined
    let recording: Recording | undefined
    try {
      server = await serverOf(options)
      const snapshot = await readSnapshot(options, io)
      recording = await startRecording(options, snapshot)
      const report = await replay(readInputs(words), {
        cluster: snapshot && { snapshot, options: injectOptionsOf(options) },
        server,
        record: recording,
        only: options.only,
        nowMs: Date.now(),
        onProgress: progressOf(io),
      })
      if (report.reviews === 0 && options.only !== undefined)
        throw new OptionError('option-invalid', `--only ${options.only}: there is no review with that id`)
      const recorded = await recording?.finish()
      if (recorded !== undefined) io.err(text`${recorded} cases recorded in ${options.record ?? ''}\n`)
      io.out(options.output === 'json' ? jsonData(report, 2) : describe(report))
      return exitCode(report)
    } finally {
      recording?.abandon()
      server?.close()
    }
  },
})

interface Recording extends RecordOptions {
  /** The number of recorded cases; without any the folder stays empty. */
  finish(): Promise<number>
  /** Does nothing after `finish`. */
  abandon(): void
}

async function startRecording(
  { record, server, revision }: ReplayOptions,
  cluster: Snapshot | undefined,
): Promise<Recording | undefined> {
  if (record === undefined) {
    if (revision === undefined) return undefined
    throw new OptionError('option-missing', '--revision needs --record')
  }
  if (server === undefined || cluster === undefined)
    throw new OptionError(
      'option-missing',
      '--record needs --server URL, whose answers are recorded, and --cluster DIR|live, the cluster of that server',
    )
  const { name, config } = recordedRevision(
    cluster,
    revision,
    (reason) => new OptionError('option-invalid', `--record: ${reason}`),
  )
  const folder = await CaseFolder.create(record)
  return {
    revision: name,
    add: (recorded) => folder.add(recorded),
    async finish() {
      if (folder.count > 0)
        await folder.finish({
          istioVersion: config.version.text,
          config: name,
          texts: describeConfig(config),
        })
      return folder.count
    },
    abandon: () => folder.abandon(),
  }
}

async function serverOf({ server, ca }: ReplayOptions): Promise<ReviewServer | undefined> {
  if (server === undefined) return undefined
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url?.protocol !== 'https:') {
    const why =
      url?.protocol === 'http:'
        ? '; the API server calls webhooks over TLS only: use https://, and name the CA with --ca'
        : ''
    throw new OptionError(
      'option-invalid',
      `--server: expected an https URL such as https://localhost:9443, found ${JSON.stringify(server)}${why}`,
    )
  }
  if (ca === undefined)
    throw new OptionError('option-missing', '--server needs --ca FILE: the CA to verify the server with')
  return connectReviewServer(url, await readNamedFile(ca, '--ca'))
}

function exitCode({ errors, differs }: ReplayReport): ExitCode {
  if (errors > 0) return EXIT.noResult
  return differs > 0 ? EXIT.negative : EXIT.success
}

/** Reports progress every two seconds. */
function progressOf(io: CommandIo): (done: number) => void {
  let lastMs = performance.now()
  return (done) => {
    if (performance.now() - lastMs < 2000) return
    lastMs = performance.now()
    io.err(text`${done} reviews so far\n`)
  }
}

function describe(report: ReplayReport): Text {
  const { reviews, same, differs, unrecorded, errors, passedOver, changedByRedaction } = report
  const counts = [
    `${same} same`,
    `${differs} ${differs === 1 ? 'differs' : 'differ'}`,
    ...(errors > 0 ? [`${errors} with errors`] : []),
    ...(unrecorded > 0 ? [`${unrecorded} without a recorded answer`] : []),
    ...(passedOver > 0 ? [`${passedOver} skipped`] : []),
  ]
  const codes = Object.entries(report.codes).map(([code, count]) => `${count} ${code}`)
  const shown = [
    `${reviews} ${reviews === 1 ? 'review' : 'reviews'}: ${counts.join(', ')}`,
    ...(codes.length > 0 ? [`now: ${codes.join(', ')}`] : []),
  ]
  if (changedByRedaction > 0)
    shown.push(`note: redaction changed the answer of ${changedByRedaction}; the redacted run was compared`)
  for (const { kind, cause, count, examples } of report.groups) {
    shown.push(
      '',
      `${count} × ${kind === 'differs' ? '' : `${kind}: `}${cause}`,
      ...examples.map((one) => `    ${one}`),
    )
    if (count > examples.length) shown.push(`    and ${count - examples.length} more`)
  }
  return lines(shown)
}
