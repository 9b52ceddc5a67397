/** `remora check`: reads the cluster, runs the checks and prints their report. */
import { type CheckReport, type ClusterFacts, checkCluster } from '../analysis/index.ts'
import { CHECK_OPTIONS, type CheckOptions, OptionError } from '../config/index.ts'
import type { Problem, Snapshot } from '../inject/index.ts'
import { didYouMean } from '../nearest-name.ts'
import { checkJson, checkText } from './check-text.ts'
import { type CommandIo, defineCommand } from './command.ts'
import { checkDryRun, withVerdicts } from './dry-run.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { withCluster } from './open-cluster.ts'
import { choosePaint } from './paint.ts'
import { readFacts } from './read-facts.ts'
import { jsonData } from './text.ts'

export const checkCommand = defineCommand({
  name: 'check',
  summary: 'find mistakes in every revision before they affect pods, for example in a pipeline',
  options: CHECK_OPTIONS,
  exitCodes: {
    success: 'no finding of the severity that --fail-on names, or above',
    negative: 'at least one such finding',
  },
  async run({ options, io }) {
    checkDryRun(options)
    const facts = await readCluster(options)
    return print(checkCluster(await withVerdicts(facts, facts.workloads(), { options, io })), options, io)
  },
})

function readCluster(options: CheckOptions): Promise<ClusterFacts> {
  const problems: Problem[] = []
  const reading = { onProblem: (problem: Problem) => void problems.push(problem), allDeployments: true }
  return withCluster(options, reading, (cluster) =>
    readFacts({ ...cluster, problems, target: targetOf(options.revision, cluster.snapshot) }),
  )
}

function targetOf(name: string | undefined, { revisions, tags }: Snapshot): string | undefined {
  if (name === undefined) return undefined
  const revision = tags.get(name) ?? name
  if (revisions.has(revision)) return revision
  const names = [...new Set([...revisions.keys(), ...tags.keys()])].sort()
  throw new OptionError(
    'option-invalid',
    `--revision: there is no revision or tag ${name}; known: ${names.join(', ') || 'none'}${didYouMean(name, names)}`,
  )
}

function print(report: CheckReport, options: CheckOptions, io: CommandIo): ExitCode {
  const { error, warning } = report.counts
  const failing = options['fail-on'] === 'warning' ? error + warning : error
  io.out(
    options.output === 'json'
      ? jsonData(checkJson(report, failing === 0), 2)
      : checkText(report, choosePaint(io)),
  )
  return failing === 0 ? EXIT.success : EXIT.negative
}
