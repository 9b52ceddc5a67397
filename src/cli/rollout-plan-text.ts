/** The output of `remora rollout plan`: an object that can be applied, with the workloads of each step as comments. */
import { membersIn, type PlannedWorkload, type RolloutPlan, smallestPercent } from '../analysis/index.ts'
import { encodeYaml, type JsonObject } from '../json/index.ts'
import { readPercent } from '../rollout/index.ts'
import { WHY_OUTSIDE } from './explain-rollouts.ts'
import { joinText, lines, manifestData, type Text, text } from './text.ts'

const NAMED = 20

export function planText(plan: RolloutPlan, object: JsonObject, steps: readonly string[]): Text {
  const comments = commentsOf(plan, steps).map((line) => text`# ${line}`)
  return joinText([lines(comments), manifestData(encodeYaml(object))], '')
}

/** Part of the public interface (RELEASING.md). */
export function planJson(plan: RolloutPlan, object: JsonObject, steps: readonly string[]): object {
  return {
    rollout: object,
    workloads: plan.members.map(({ title, slot, from, withTarget, calls }) => ({
      title,
      slot,
      from,
      withTarget: withTarget.code,
      calls: calls ?? null,
    })),
    steps: stepsOf(plan, steps).map(({ percent, all, added }) => ({
      percent,
      workloads: all,
      added: added.map(({ title }) => title),
    })),
    leftOut: Object.fromEntries(plan.outside),
    notInjected: plan.notInjected,
    smallestPercent: smallestPercent(plan) ?? null,
  }
}

interface Step {
  readonly percent: string
  readonly all: number
  readonly added: readonly PlannedWorkload[]
}

function stepsOf(plan: RolloutPlan, steps: readonly string[]): readonly Step[] {
  return steps.map((percent, i) => {
    const all = membersIn(plan, readPercent(percent) ?? 0)
    const before = membersIn(plan, readPercent(steps[i - 1] ?? '0') ?? 0).length
    return { percent, all: all.length, added: all.slice(before) }
  })
}

function commentsOf(plan: RolloutPlan, steps: readonly string[]): readonly string[] {
  const { members, outside, notInjected } = plan
  const failing = members.filter(
    ({ withTarget }) => withTarget.kind === 'refused' || withTarget.kind === 'fault',
  )
  const elsewhere = members.filter(({ calls }) => calls === 'istiod')
  const smallest = smallestPercent(plan)
  return [
    `${countOf(members.length)}; not counted: ${notInjected} that are not injected`,
    ...stepsOf(plan, steps).flatMap(({ percent, all, added }) => [
      `${percent}%: ${countOf(all)}${added.length === all ? '' : `, ${added.length} more than before:`}`,
      ...named(added.map(({ title, slot }) => `${title} (slot ${slot})`)),
      ...(all === 0 && smallest !== undefined ? [`  none: the first workload moves at ${smallest}%`] : []),
    ]),
    ...[...outside].flatMap(([why, titles]) => [`left out: ${WHY_OUTSIDE[why]}`, ...named(titles)]),
    ...(failing.length === 0
      ? []
      : [
          'would not be created with the new revision:',
          ...named(failing.map(({ title, withTarget }) => `${title}: ${withTarget.code}`)),
        ]),
    ...(elsewhere.length === 0
      ? []
      : [
          "do not move, because the API server does not call Remora for them (activate Remora's webhooks, deactivate istiod's):",
          ...named(elsewhere.map(({ title }) => title)),
        ]),
  ]
}

function named(titles: readonly string[]): readonly string[] {
  const shown = titles.slice(0, NAMED).map((title) => `  ${title}`)
  return titles.length <= NAMED
    ? shown
    : [...shown, `  and ${titles.length - NAMED} more (-o json lists all)`]
}

function countOf(workloads: number): string {
  return workloads === 1 ? '1 workload' : `${workloads} workloads`
}
