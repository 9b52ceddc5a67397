/** The output of `remora rollout status`. */
import type { RolloutCondition, RolloutPlan, RolloutProgress } from '../analysis/index.ts'
import { formatPercent } from '../rollout/index.ts'
import type { Paint } from './paint.ts'
import { paragraphs, type Text, type TextPart, text } from './text.ts'

export interface RolloutState {
  readonly plan: RolloutPlan
  readonly progress: RolloutProgress
  readonly conditions: readonly RolloutCondition[]
}

/** Part of the public interface (RELEASING.md). */
export function statusJson({ plan, progress, conditions }: RolloutState): object {
  const { name, from, to, slots } = plan.rollout
  const { total, chosen, moved, mixed, stale, commands } = progress
  return {
    name,
    from: { [from.by]: from.name },
    to,
    percent: formatPercent(slots),
    workloads: { total, chosen, moved, mixed, stale: stale.length },
    stale: stale.map(({ title }) => title),
    restart: commands,
    conditions,
  }
}

export function statusText(states: readonly RolloutState[], paint: Paint): Text {
  if (states.length === 0) return paragraphs([['no RevisionRollout']])
  return paragraphs(states.map((state) => stateLines(state, paint)))
}

function stateLines({ plan, progress, conditions }: RolloutState, paint: Paint): readonly TextPart[] {
  const { name, from, to, slots } = plan.rollout
  const { total, chosen, moved, mixed, stale, commands } = progress
  return [
    paint.bold(`${name}: ${from.by} ${from.name} to revision ${to}, ${formatPercent(slots)}%`),
    `  workloads  ${total}: ${chosen} chosen, ${moved} moved, ${mixed} mixed, ${stale.length} stale`,
    ...conditions.map(({ type, status, reason, message }) => {
      const line = `${type}=${status} (${reason}): ${message}`
      return text`  ${type === 'Degraded' && status === 'True' ? paint.bad(line) : line}`
    }),
    ...(commands.length === 0
      ? []
      : ['  restart the stale workloads:', ...commands.map((one) => `    ${one}`)]),
  ]
}
