/** The rollouts in an explanation: which one applies to the pod, its slot, and the percentage that would move it. */
import type { PodExplanation } from '../analysis/index.ts'
import {
  type AssessedRollout,
  formatPercent,
  type OutsideRollout,
  percentThatIncludes,
} from '../rollout/index.ts'
import type { Paint } from './paint.ts'
import { type TextPart, text } from './text.ts'

export function rolloutLines({ rollouts, outcome }: PodExplanation, paint: Paint): readonly TextPart[] {
  if (rollouts.length === 0) return []
  return [
    paint.bold('Rollouts'),
    ...rollouts.map((one) => lineOf(one, paint)),
    ...(outcome.decided?.rollout?.result === 'fell-back'
      ? [text`  ${paint.bad('not moved')}: the target cannot serve; the notes say why`]
      : []),
  ]
}

function lineOf({ rollout, verdict }: AssessedRollout, paint: Paint): TextPart {
  const { name, to, slots } = rollout
  if (!verdict.applies) return text`  ${paint.dim('no ')}  ${name}: ${WHY_OUTSIDE[verdict.why]}`
  const at = `slot ${verdict.slot} of 10000, share ${formatPercent(slots)}%`
  return verdict.moves
    ? text`  ${paint.good('yes')}  ${name}: to revision ${to}; ${at}; it moves at ${percentThatIncludes(verdict.slot)}% or more`
    : text`  ${paint.dim('no ')}  ${name}: ${at}; ${percentThatIncludes(verdict.slot)}% would move it to revision ${to}`
}

export const WHY_OUTSIDE: Readonly<Record<OutsideRollout, string>> = {
  'other-revision': 'the pod has a revision or tag other than spec.from',
  'has-target': 'the pod gets the revision in spec.to without the rollout',
  'namespace-not-selected': 'spec.namespaces.selector does not select the namespace',
  pinned: "pinned: the pod's own label istio.io/rev names a revision",
  excluded: 'in spec.exclude',
  gateway: 'a gateway; spec.gateways is exclude',
  overlap: 'an older rollout applies to the pod',
}
