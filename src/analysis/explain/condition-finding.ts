/** One condition of a webhook or of a rule with the value found: the common form of reasons in explanations. */
import { conditionHolds, type LabelCondition } from '../../inject/index.ts'

export interface ConditionFinding {
  /** The owner of the label; `request`: not about labels. */
  readonly on: 'namespace' | 'pod' | 'request'
  /** The label's name, or the part of the request. */
  readonly label: string
  /** The text after "must": `be absent`, `not be "false"`, `be one of canary, prod`. */
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
      return `be ${must.be}`
    case 'equal':
      return `be ${JSON.stringify(must.value)}`
    case 'other-than':
      return `not be ${JSON.stringify(must.value)}`
    case 'none-of':
      return `be none of ${[...must.values].join(', ')}`
  }
}

/** `namespace label istio.io/rev is "canary" (must be absent)`. */
export function describeFinding({ on, label, must, found }: ConditionFinding): string {
  if (on === 'request') return `${label} ${must}`
  return `${on} label ${label} is ${found === undefined ? 'absent' : JSON.stringify(found)} (must ${must})`
}
