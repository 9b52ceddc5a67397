/** Owns: `remora check`: the cluster read, the checks run, the exit code. 0: nothing that fails; 1: something; 2: it could not be told. */

import { type CheckReport, type CheckSubject, checkCluster } from '../analysis/index.ts'
import { CHECK_OPTIONS, type CheckOptions, commandHelp, OptionError, readOptions } from '../config/index.ts'
import { RemoraError } from '../errors.ts'
import type { Problem, Snapshot } from '../inject/index.ts'
import { openObjects, readCluster } from '../runtime.ts'
import { checkJson, checkText } from './check-text.ts'
import { listWorkloads } from './cluster-workloads.ts'
import type { Command, CommandIo, ExitCode } from './command.ts'
import { choosePaint } from './paint.ts'
import { jsonData, ownText } from './text.ts'

const DESCRIPTION = {
  name: 'check',
  summary: 'look for mistakes in every revision before its pods meet them; for pipelines',
  options: CHECK_OPTIONS,
}

export const checkCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const options = readOptions(CHECK_OPTIONS, { args, env: io.env })
    if (options.help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    try {
      return print(checkCluster(await readSubject(options)), options, io)
    } catch (error) {
      // 1 is an answer here, so what could not be found out is 2.
      if (error instanceof OptionError) throw error
      if (error instanceof RemoraError) throw new OptionError(error.code, error.message, { cause: error })
      if (error instanceof Error && 'syscall' in error)
        throw new OptionError('cluster-folder-unreadable', error.message, { cause: error })
      throw error
    }
  },
}

/** @throws RemoraError where the cluster cannot be read */
async function readSubject(options: CheckOptions): Promise<CheckSubject> {
  const problems: Problem[] = []
  const snapshot = await readCluster(options, (problem) => problems.push(problem))
  const target = targetOf(options.revision, snapshot)
  const objects = openObjects(options.cluster)
  try {
    return {
      snapshot,
      problems,
      services: await objects.list('service'),
      webhooks: await objects.list('mutatingwebhookconfiguration'),
      workloads: await listWorkloads(objects),
      target,
      nowMs: Date.now(),
      seed: 0,
    }
  } finally {
    objects.close()
  }
}

function targetOf(name: string | undefined, { revisions, tags }: Snapshot): string | undefined {
  if (name === undefined) return undefined
  const revision = tags.get(name) ?? name
  if (revisions.has(revision)) return revision
  const known = [...new Set([...revisions.keys(), ...tags.keys()])].sort().join(', ') || 'none'
  throw new OptionError('option-invalid', `--revision: there is no revision or tag ${name}; known: ${known}`)
}

function print(report: CheckReport, options: CheckOptions, io: CommandIo): ExitCode {
  const { error, warning } = report.counts
  const failing = options['fail-on'] === 'warning' ? error + warning : error
  const asJson = options.output === 'json' || options.json === true
  io.out(asJson ? jsonData(checkJson(report, failing === 0), 2) : checkText(report, choosePaint(io)))
  return failing === 0 ? 0 : 1
}
