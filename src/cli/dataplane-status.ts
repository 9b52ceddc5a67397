/** `remora status --cluster`: the pods and workloads of a cluster against what new pods would get. */
import { rememberLists } from '../cluster/index.ts'
import { OptionError, type StatusOptions } from '../config/index.ts'
import type { StateCode } from '../dataplane/index.ts'
import { didYouMean } from '../nearest-name.ts'
import type { CommandIo } from './command.ts'
import { type DataplaneReport, reportOn } from './dataplane-report.ts'
import { nameText, shownPods, shownRows, statusJson, statusTableText } from './dataplane-text.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { warnOn, withCluster } from './open-cluster.ts'
import { choosePaint } from './paint.ts'
import { readLedger } from './read-ledger.ts'
import { readStatusFindings } from './status-findings.ts'
import { jsonData, lines, text } from './text.ts'

export async function showDataplane(
  options: StatusOptions,
  cluster: string,
  io: CommandIo,
): Promise<ExitCode> {
  const report = await withCluster({ ...options, cluster }, { onProblem: warnOn(io) }, async (opened) => {
    const { namespace, revision } = options
    if (namespace !== undefined && !opened.snapshot.namespaces.has(namespace))
      throw new OptionError(
        'option-invalid',
        `--namespace: there is no namespace ${JSON.stringify(namespace)}${didYouMean(namespace, opened.snapshot.namespaces.keys())}`,
      )
    const source = {
      ...opened,
      objects: rememberLists(opened.objects),
      namespace: options['all-namespaces'] ? undefined : namespace,
    }
    const read = await readLedger(source)
    const findings = options.findings === false ? undefined : await readStatusFindings(source)
    return reportOn(read, {
      findings,
      revision: revision && (opened.snapshot.tags.get(revision) ?? revision),
    })
  })
  const failedOn = countStates(report, options['fail-on'] ?? [])
  print(report, { options, failedOn, io })
  const found = [...failedOn].map(([state, pods]) => `${state} (${pods})`)
  if (found.length > 0) io.err(text`remora: found by --fail-on: ${found.join(', ')}\n`)
  if (found.length > 0) return EXIT.negative
  // If a state is unknown, a pipeline with --fail-on must not pass.
  const isUnsure = report.notRead.length > 0 || report.pods.some(({ state }) => state.kind === 'unknown')
  return (options['fail-on'] ?? []).length > 0 && isUnsure ? EXIT.noResult : EXIT.success
}

interface Printing {
  readonly options: StatusOptions
  readonly failedOn: ReadonlyMap<StateCode, number>
  readonly io: CommandIo
}

function print(report: DataplaneReport, { options, failedOn, io }: Printing): void {
  const { output, workloads = false, pods = false, stale = false } = options
  const choice = { workloads, pods, stale, wide: output === 'wide' }
  if (output === 'json') io.out(jsonData(statusJson(report, failedOn), 2))
  else if (output === 'name')
    io.out(
      lines(
        pods
          ? shownPods(report, choice).map((pod) => `${pod.namespace}/pod/${pod.name}`)
          : shownRows(report, choice).map(nameText),
      ),
    )
  else io.out(statusTableText(report, choice, choosePaint(io)))
}

function countStates(
  { pods }: DataplaneReport,
  wanted: readonly StateCode[],
): ReadonlyMap<StateCode, number> {
  const counts = wanted.map((code) => [code, pods.filter(({ state }) => state.kind === code).length] as const)
  return new Map(counts.filter(([, count]) => count > 0))
}
