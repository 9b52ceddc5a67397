/** The text and the JSON of `remora status --cluster`. */
import { type PodEntry, STATES } from '../dataplane/index.ts'
import { type DataplaneReport, type StatusRow, whyOf } from './dataplane-report.ts'
import { notJudgedText } from './finding-text.ts'
import type { Paint } from './paint.ts'
import type { ObjectFindings } from './status-findings.ts'
import { lines, type Text, type TextPart, tableLines, text, unwrapped } from './text.ts'

export interface TextChoice {
  readonly workloads: boolean
  readonly pods: boolean
  readonly stale: boolean
  readonly wide: boolean
}

/** States that need no action. */
const FINE: ReadonlySet<string> = new Set(['current', 'outside', 'altered', 'finished', 'no-pods'])

export function shownRows(report: DataplaneReport, { workloads, stale }: TextChoice): readonly StatusRow[] {
  return report.rows.filter((row) =>
    stale ? row.state === 'stale' : workloads || !FINE.has(row.state) || hasProblem(row, report),
  )
}

/** Of the workload and of its pods. */
function findingsOfRow({ findings, entry }: StatusRow, report: DataplaneReport): readonly ObjectFindings[] {
  return [findings, ...entry.pods.map((pod) => report.findings?.ofPod(pod))].filter(
    (one) => one !== undefined,
  )
}

function hasProblem(row: StatusRow, report: DataplaneReport): boolean {
  return findingsOfRow(row, report).some(({ isProblem }) => isProblem)
}

function codesOf(row: StatusRow, report: DataplaneReport): readonly string[] {
  return [...new Set(findingsOfRow(row, report).flatMap(({ codes }) => codes))]
}

export function shownPods({ pods }: DataplaneReport, { stale }: TextChoice): readonly PodEntry[] {
  return stale ? pods.filter(({ state }) => state.kind === 'stale') : pods
}

export function statusTableText(report: DataplaneReport, choice: TextChoice, paint: Paint): Text {
  const body = choice.pods ? podLines(report, choice) : workloadLines(report, choice)
  const notJudged = report.findings?.notJudged ?? []
  return lines([
    paint.bold(report.sentence),
    ...report.notRead.map((reason) => text`${paint.bad('not known')}: ${reason}`),
    ...(body.length === 0 ? [] : ['', ...body]),
    ...(notJudged.length === 0 ? [] : ['', paint.dim(notJudgedText(notJudged))]),
  ])
}

/** Columns before the name take at most 44 characters, so that a row has 80. */
const NAME_WIDTH = 34

function workloadLines(report: DataplaneReport, choice: TextChoice): readonly TextPart[] {
  const rows = shownRows(report, choice)
  if (rows.length === 0) return []
  const table = tableLines([
    ['STATE', 'PODS', 'REVISION', 'WORKLOAD'],
    ...rows.map((row) => [
      row.state,
      podsText(row),
      cut(revisionText(row), 22, choice),
      cut(nameText(row), NAME_WIDTH, choice),
    ]),
  ])
  const codes = rows.map((row) => codesOf(row, report))
  const details = rows.map(({ why, fix }, index) => [
    ...(why === '' ? [] : [text`  ${why}`]),
    ...(fix === undefined
      ? []
      : [fix.startsWith('kubectl ') || fix.startsWith('oc ') ? unwrapped(`  ${fix}`) : `  ${fix}`]),
    ...(codes[index]?.length ? [`  findings: ${codes[index].join(', ')}`] : []),
  ])
  return table.flatMap((line, index) => [line, ...(details[index - 1] ?? [])])
}

function podsText({ affected, entry }: StatusRow): string {
  const all = entry.pods.length
  return affected === all ? String(all) : `${affected}/${all}`
}

/** What its pods have, and what a new one would get if that differs. */
function revisionText({ actual, entry }: StatusRow): string {
  const next = entry.desired ?? 'none'
  const now = actual.join(',') || '-'
  return now === next ? now : `${now} -> ${next}`
}

export function nameText({ entry: { workload } }: StatusRow): string {
  return `${workload.namespace}/${workload.kind.toLowerCase()}/${workload.name}`
}

function cut(whole: string, width: number, { wide }: TextChoice): string {
  if (wide || whole.length <= width) return whole
  const tail = Math.floor((width - 1) / 2)
  return `${whole.slice(0, width - 1 - tail)}…${whole.slice(whole.length - tail)}`
}

function podLines(report: DataplaneReport, choice: TextChoice): readonly TextPart[] {
  const pods = shownPods(report, choice)
  if (pods.length === 0) return []
  const rows = pods.map((pod) => [
    pod.state.kind,
    cut(`${pod.actual ?? 'none'} -> ${pod.desired ?? 'none'}`, 22, choice),
    cut(`${pod.namespace}/${pod.name}`, NAME_WIDTH, choice),
    ...(choice.wide ? [pod.proxy, whyOf(pod.state)] : []),
  ])
  const more = choice.wide ? ['PROXY', 'WHY'] : []
  return tableLines([['STATE', 'REVISION', 'POD', ...more], ...rows])
}

export function statusJson(report: DataplaneReport, failedOn: ReadonlyMap<string, number>): object {
  const { sentence, rows, pods, notRead, findings } = report
  return {
    summary: sentence,
    failedOn: Object.fromEntries(failedOn),
    notRead,
    ...(findings === undefined ? {} : { notJudged: findings.notJudged }),
    podStates: Object.fromEntries(
      Object.keys(STATES).map((code) => [code, pods.filter(({ state }) => state.kind === code).length]),
    ),
    workloads: rows.map((row) => ({
      ...row.entry.workload,
      state: row.state,
      pods: row.entry.pods.length,
      affectedPods: row.affected,
      actual: row.actual,
      desired: row.entry.desired ?? null,
      causes: row.causes,
      next: row.entry.next ?? null,
      why: row.why,
      fix: row.fix ?? null,
      ...(row.findings === undefined ? {} : { findings: row.findings.codes }),
    })),
    pods: pods.map((pod) => {
      const { namespace, name, workload, proxy, actual, desired, state } = pod
      return {
        namespace,
        name,
        workload,
        proxy,
        actual: actual ?? null,
        desired: desired ?? null,
        state,
        ...(findings === undefined ? {} : { findings: findings.ofPod(pod).codes }),
      }
    }),
  }
}
