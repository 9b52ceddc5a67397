/** Owns: `remora replay`: answered reviews once more. 0: all the same; 1: some differ; 2: it could not be told. */
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
import {
  commandHelp,
  OptionError,
  REPLAY_OPTIONS,
  type ReplayOptions,
  readOptions,
  splitArguments,
} from '../config/index.ts'
import type { Snapshot } from '../inject/index.ts'
import { readCluster } from '../runtime.ts'
import type { Command, CommandIo, ExitCode } from './command.ts'
import { couldNotTell } from './could-not-tell.ts'
import { readNamedFile } from './read-file.ts'
import { jsonData, lines, messageText, ownText, type Text, text } from './text.ts'

const DESCRIPTION = {
  name: 'replay',
  summary: 'run captured reviews again and say what differs, and why',
  forms: ['FILE|DIR...'],
  options: REPLAY_OPTIONS,
}

export const replayCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  words: [{ values: [], paths: 'files' }],
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const { words, args: flags } = splitArguments(REPLAY_OPTIONS, args)
    const options = readOptions(REPLAY_OPTIONS, { args: flags, env: io.env })
    if (options.help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    if (words.length === 0)
      throw new OptionError(
        'option-missing',
        'expected files or folders to replay: remora replay FILE|DIR...',
      )
    let server: ReviewServer | undefined
    let recording: Recording | undefined
    try {
      const { cluster } = options
      server = await serverOf(options)
      const snapshot =
        cluster === undefined
          ? undefined
          : await readCluster({ ...options, cluster }, ({ message }) =>
              io.err(messageText('warning: ', message)),
            )
      recording = await startRecording(options, snapshot)
      const report = await replay(readInputs(words), {
        cluster: snapshot,
        server,
        record: recording,
        only: options.only,
        nowMs: Date.now(),
        onProgress: progressOf(io),
      })
      if (report.reviews === 0 && options.only !== undefined)
        throw new OptionError('option-invalid', `--only ${options.only}: there is no review of that id`)
      const recorded = await recording?.finish()
      if (recorded !== undefined) io.err(text`${recorded} cases recorded in ${options.record ?? ''}\n`)
      io.out(options.json === true ? jsonData(report, 2) : describe(report))
      return exitCode(report)
    } catch (error) {
      throw couldNotTell(error)
    } finally {
      recording?.abandon()
      server?.close()
    }
  },
}

interface Recording extends RecordOptions {
  /** How many cases there are; none leaves the folder empty. */
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
    throw new OptionError('option-missing', '--revision goes with --record')
  }
  if (server === undefined || cluster === undefined)
    throw new OptionError(
      'option-missing',
      '--record needs --server URL, whose answers are recorded, and --cluster DIR, the cluster that it serves',
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
  if (ca === undefined)
    throw new OptionError(
      'option-missing',
      '--server needs --ca FILE: the CA that the server is verified with',
    )
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url?.protocol !== 'https:')
    throw new OptionError(
      'option-invalid',
      `--server: ${JSON.stringify(server)} is not a URL such as https://localhost:9443`,
    )
  return connectReviewServer(url, await readNamedFile(ca, '--ca'))
}

function exitCode({ errors, differs }: ReplayReport): ExitCode {
  if (errors > 0) return 2
  return differs > 0 ? 1 : 0
}

/** A run that takes longer says now and then how far it is. */
function progressOf(io: CommandIo): (done: number) => void {
  let told = performance.now()
  return (done) => {
    if (performance.now() - told < 2000) return
    told = performance.now()
    io.err(text`${done} reviews so far\n`)
  }
}

function describe(report: ReplayReport): Text {
  const { reviews, same, differs, unrecorded, errors, passedOver, changedByRedaction } = report
  const counts = [
    `${same} same`,
    `${differs} ${differs === 1 ? 'differs' : 'differ'}`,
    ...(errors > 0 ? [`${errors} in error`] : []),
    ...(unrecorded > 0 ? [`${unrecorded} without an answer to compare with`] : []),
    ...(passedOver > 0 ? [`${passedOver} passed over`] : []),
  ]
  const codes = Object.entries(report.codes).map(([code, count]) => `${count} ${code}`)
  const shown = [
    `${reviews} ${reviews === 1 ? 'review' : 'reviews'}: ${counts.join(', ')}`,
    ...(codes.length > 0 ? [`now: ${codes.join(', ')}`] : []),
  ]
  if (changedByRedaction > 0)
    shown.push(`note: redaction changed the answer of ${changedByRedaction}; compared is the redacted run`)
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
