/** What a preview says of running pods and of proxy images that stay. */
import type { KeptImage, PreviewReport } from '../analysis/index.ts'
import type { Paint } from './paint.ts'
import {
  byHand,
  byThemselves,
  changesLabels,
  KEPT_BY,
  keptImageText,
  runningText,
  waitingText,
} from './preview-wording.ts'
import type { TextPart } from './text.ts'

type Lines = readonly TextPart[]

/** JSON and HTML have all of them. */
const SHOWN = 8

export function runningLines(report: PreviewReport, paint: Paint): Lines {
  const { running } = report
  if (running === undefined || running.pods === 0) return []
  const { waiting, blocked, commands } = running
  const hand = byHand(running)
  const themselves = byThemselves(running)
  return [
    paint.bold(`Running pods: ${runningText(running)}`),
    ...few(waiting.map((one) => `  ${waitingText(one)}`)),
    ...(blocked.length === 0
      ? []
      : [
          paint.bad('  do not restart: their new pods would fail'),
          ...few(blocked.map(({ workload }) => `    ${workload.title}: ${workload.after.code}`)),
        ]),
    ...(commands.length === 0
      ? []
      : [
          changesLabels(report) ? '  after the labels are changed, restart them:' : '  restart them:',
          ...commands.map((command) => `  ${command}`),
        ]),
    ...(hand.length === 0
      ? []
      : [
          '  cannot be restarted by a rollout:',
          ...few(hand.map(({ waiting: one, why }) => `    ${one.workload.title}: ${why}`)),
        ]),
    ...(themselves.length === 0
      ? []
      : [
          '  need no restart:',
          ...few(themselves.map(({ waiting: one, why }) => `    ${one.workload.title}: ${why}`)),
        ]),
  ]
}

export function keptImageLines(images: readonly KeptImage[], paint: Paint): Lines {
  return KEPT_BY.flatMap(({ keptBy, title }) => {
    const kept = images.filter((one) => one.keptBy === keptBy)
    if (kept.length === 0) return []
    return [
      paint.bold(title),
      ...kept.flatMap((one) => [
        `  ${keptImageText(one)}`,
        ...few(one.workloads.map((workload) => `      ${workload.title}`)),
      ]),
    ]
  })
}

function few(lines: readonly string[]): readonly string[] {
  if (lines.length <= SHOWN + 1) return lines
  const indent = /^ */.exec(lines[0] ?? '')?.[0] ?? ''
  return [...lines.slice(0, SHOWN), `${indent}and ${lines.length - SHOWN} more`]
}
