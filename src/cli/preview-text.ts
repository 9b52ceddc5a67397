/** The text of a preview: failures first, then changes of all workloads, then of some. */
import {
  type ChangeGroup,
  type FailureGroup,
  type FieldChange,
  findExceptions,
  type MoveGroup,
  type PreviewReport,
  type TransitionGroup,
  type WorkloadPreview,
} from '../analysis/index.ts'
import { describeCode } from '../inject/index.ts'
import type { Paint } from './paint.ts'
import { findingLines } from './preview-findings.ts'
import { keptImageLines, runningLines } from './preview-running-text.ts'
import {
  AREAS,
  byArea,
  count,
  FAILURE_TITLES,
  labelCommand,
  moveText,
  type PreviewTitle,
  rollbackCommand,
  signOf,
  TRANSITION_TITLES,
  titleText,
  transitionText,
  VERDICTS,
  valueText,
} from './preview-wording.ts'
import { joinText, paragraphs, type Text, type TextPart, text, unwrapped } from './text.ts'

export function previewText(report: PreviewReport, title: PreviewTitle, paint: Paint): Text {
  const { workloads, failures, transitions, moves, notes } = report
  const namespaces = new Set(workloads.map(({ namespace }) => namespace)).size
  const none = transitions.filter(({ verdict }) => verdict === 'none')
  return paragraphs([
    [
      paint.bold(`Preview: ${titleText(title)}`),
      `${count(workloads.length, 'workload')} in ${count(namespaces, 'namespace')}`,
      ...countLines(report, paint),
    ],
    ...failures.map((group) => failureLines(group, paint)),
    uncalledLines(report.uncalled, title.to, paint),
    ...transitions.filter(({ verdict }) => verdict !== 'none').map((group) => transitionLines(group, paint)),
    ...moves.map((move) => moveLines(move, paint)),
    ...(notes.length === 0
      ? []
      : [
          [
            paint.bold('Notes and warnings'),
            ...notes.flatMap(({ change, code, message, workloads: who }) => [
              `  ${change} ${code}: ${message}`,
              ...names(who, 6),
            ]),
          ],
        ]),
    noneLines(none, paint),
    findingLines(report, title.to, paint),
    keptImageLines(report.keptImages, paint),
    labelLines(report, title.to, paint),
    runningLines(report, paint),
  ])
}

type Lines = readonly TextPart[]
type Workloads = readonly WorkloadPreview[]

function countLines({ counts, uncalled }: PreviewReport, paint: Paint): Lines {
  const rows = VERDICTS.filter(({ verdict }) => counts[verdict] > 0)
  const width = Math.max(...rows.map(({ verdict }) => String(counts[verdict]).length))
  const lines = rows.map(({ verdict, words, tone }) => {
    const line = `${String(counts[verdict]).padStart(width + 2)} ${words}`
    return tone === 'bad' ? paint.bad(line) : tone === 'good' ? paint.good(line) : line
  })
  if (uncalled.length === 0) return lines
  return [...lines, paint.bad(`  ${uncalled.length} of them without a matching webhook`)]
}

function failureLines({ verdict, code, before, reasons }: FailureGroup, paint: Paint): Lines {
  const all = reasons.flatMap(({ workloads }) => workloads)
  const fix = describeCode(code)?.fix
  return [
    paint.bad(`${FAILURE_TITLES[verdict]}: ${count(all.length, 'workload')}`),
    `  ${code} (before: ${before})`,
    ...reasons.flatMap(({ message, workloads }) => [`  ${message}`, ...names(workloads, 6)]),
    ...(fix === undefined ? [] : [`  fix: ${fix}`]),
  ]
}

function uncalledLines(workloads: Workloads, to: string, paint: Paint): Lines {
  if (workloads.length === 0) return []
  return [
    paint.bad(`No webhook would be called: ${count(workloads.length, 'workload')}`),
    `  no webhook of the cluster matches the labels for ${to}, so these pods would start without a sidecar;`,
    `  their results below are valid once the webhook configuration of ${to} is installed`,
    ...names(workloads, 6),
  ]
}

function transitionLines(group: TransitionGroup, paint: Paint): Lines {
  const { verdict, before, after, workloads } = group
  const colour = verdict === 'lost' ? paint.bad : verdict === 'fixed' ? paint.good : paint.bold
  return [
    colour(`${TRANSITION_TITLES[verdict]}: ${count(workloads.length, 'workload')}`),
    `  ${before} -> ${after}: ${transitionText(group)}`,
    ...names(workloads, 6),
  ]
}

function moveLines(move: MoveGroup, paint: Paint): Lines {
  const { changed, same, groups } = move
  const counts = [
    ...(changed.length > 0 ? [`${changed.length} would change`] : []),
    ...(same.length > 0 ? [`${same.length} would not change`] : []),
  ]
  return [
    paint.bold(`${moveText(move)}: ${counts.join(', ')}`),
    ...groups.flatMap((group) => groupLines(group, changed, paint)),
    ...(same.length === 0 ? [] : ['  Unchanged', ...names(same, 4)]),
  ]
}

function groupLines(
  { changes, holders }: ChangeGroup<WorkloadPreview>,
  changed: Workloads,
  paint: Paint,
): Lines {
  const of = changed.length
  const includesAll = holders.length === of
  const exceptions = findExceptions(holders, changed)
  return [
    includesAll ? `  For ${of === 1 ? 'this workload' : `all ${of}`}` : `  For ${holders.length} of ${of}`,
    ...(exceptions.length > 0
      ? [`    all but ${exceptions.map(({ title }) => title).join(', ')}`]
      : // Fewer names where the group is all workloads.
        names(holders, 4, includesAll ? 3 : undefined)),
    ...byArea(changes).flatMap((change) => changeLines(change, paint)),
  ]
}

const AREA_WIDTH = Math.max(...AREAS.map((area) => area.length))
/** Longer lines are split, with each value on its own line. */
const WIDTH = 120

function changeLines(change: FieldChange, paint: Paint): Lines {
  const head = text`    ${paint.dim(change.area.padEnd(AREA_WIDTH))} ${signOf(change)} ${change.path}`
  const [before, after] = [change.before, change.after].map((value) =>
    value === undefined ? undefined : cut(valueText(change, value)),
  )
  const values = [before, after].filter((value) => value !== undefined)
  const length = AREA_WIDTH + change.path.length + values.join(' -> ').length
  if (length <= WIDTH) {
    const painted = [
      ...(before === undefined ? [] : [paint.bad(before)]),
      ...(after === undefined ? [] : [paint.good(after)]),
    ]
    return [text`${head}: ${joinText(painted, ' -> ')}`]
  }
  const indent = ' '.repeat(AREA_WIDTH + 7)
  return [
    head,
    ...(before === undefined ? [] : [text`${indent}${paint.bad(`- ${before}`)}`]),
    ...(after === undefined ? [] : [text`${indent}${paint.good(`+ ${after}`)}`]),
  ]
}

function noneLines(groups: readonly TransitionGroup[], paint: Paint): Lines {
  if (groups.length === 0) return []
  return [
    paint.bold(TRANSITION_TITLES.none),
    ...groups.flatMap(({ before, after, workloads }) => [
      `  ${workloads.length} ${before === after ? after : `${before} -> ${after}`}`,
      ...names(workloads, 6, 3),
    ]),
  ]
}

function labelLines({ labels, ownLabels }: PreviewReport, to: string, paint: Paint): Lines {
  if (labels.length === 0 && ownLabels.length === 0) return []
  return [
    paint.bold('Commands for the migration'),
    ...labels.map(({ namespace, changes }) => unwrapped(`  ${labelCommand(namespace, changes)}`)),
    ...(labels.length === 0
      ? []
      : [
          '  to roll back (then restart the workloads again):',
          ...labels.map(({ namespace, changes }) => unwrapped(`  ${rollbackCommand(namespace, changes)}`)),
        ]),
    ...(ownLabels.length === 0
      ? []
      : [`  set the label istio.io/rev=${to} in the pod templates of`, ...names(ownLabels, 6)]),
  ]
}

/** How many names a group shows; JSON and HTML have all of them. */
const SHOWN = 8

function names(workloads: Workloads, indent: number, shown = SHOWN): Lines {
  const space = ' '.repeat(indent)
  // "and 1 more" would take as much space as that one.
  const cutAt = workloads.length === shown + 1 ? workloads.length : shown
  const lines = workloads.slice(0, cutAt).map(({ title }) => `${space}${title}`)
  return workloads.length > cutAt ? [...lines, `${space}and ${workloads.length - cutAt} more`] : lines
}

const LONGEST = 160

function cut(value: string): string {
  return value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}…` : value
}
