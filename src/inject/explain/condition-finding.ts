/** One condition of a webhook or of a rule, with what was found: the common form in which explanations give reasons. */
import { conditionHolds, type LabelCondition } from '../decide-revision-rules.ts'

export interface ConditionFinding {
  /** Whose label it is; `request`: not about labels. */
  readonly on: 'namespace' | 'pod' | 'request'
  /** The label's name, or what of the request is meant. */
  readonly label: string
  /** `is absent`, `is one of: canary`. */
  readonly must: string
  /** undefined: absent. */
  readonly found: string | undefined
  readonly holds: boolean
}

export function findCondition(condition: LabelCondition, found: string | undefined): ConditionFinding {
  const { on, label } = condition
  return { on, label, must: wordsOf(condition), found, holds: conditionHolds(condition, found) }
}

function wordsOf({ must }: LabelCondition): string {
  switch (must.be) {
    case 'absent':
    case 'present':
      return `is ${must.be}`
    case 'equal':
      return `is ${JSON.stringify(must.value)}`
    case 'other-than':
      return `is not ${JSON.stringify(must.value)}`
    case 'none-of':
      return `is none of ${[...must.values].join(', ')}`
  }
}

/** `namespace label istio.io/rev is "canary"`, as a sentence's end: what stands there. */
export function describeFinding({ on, label, must, found }: ConditionFinding): string {
  if (on === 'request') return `${label} ${must}`
  const shown = found === undefined ? 'absent' : JSON.stringify(found)
  return `${on} label ${label} ${must}; it is ${shown}`
}
