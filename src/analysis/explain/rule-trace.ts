/**
 * How the server chooses the revision, rule by rule of the table in decide-revision-rules.ts, each with the values that
 * it read. The choice itself is made by decide-revision.ts.
 */

import {
  labelValue,
  type RevisionFacts,
  type RevisionQuestion,
  type WebhookPrefix,
  webhookRules,
} from '../../inject/index.ts'
import { REVISION_LABEL } from '../../kube/index.ts'
import { type ConditionFinding, findCondition } from './condition-finding.ts'

export interface RuleFinding {
  readonly rule: WebhookPrefix
  /** The labels satisfy it, and what it names is installed. */
  readonly matched: boolean
  /** False: it exists only if namespaces are enabled by default, and they are not. */
  readonly active: boolean
  readonly conditions: readonly ConditionFinding[]
  /** The webhook's revision or tag; undefined if the label that names one is absent. */
  readonly serves: ServedName | undefined
}

export interface ServedName {
  readonly name: string
  /** The source of the name: `namespace label istio.io/rev`, `pod label istio.io/rev`, `the default revision`. */
  readonly from: string
  readonly is: 'tag' | 'revision' | 'not installed'
  /** What serves in the end. */
  readonly revision?: string
}

export function traceRules(question: RevisionQuestion, facts: RevisionFacts): readonly RuleFinding[] {
  return webhookRules.map((rule) => {
    const active = rule.onlyByDefault !== true || facts.enableNamespacesByDefault
    const conditions = rule.conditions.map((condition) =>
      findCondition(condition, labelValue(question, condition.on, condition.label)),
    )
    const from = rule.serves.by === 'default' ? undefined : rule.serves.of
    const name = from === undefined ? 'default' : labelValue(question, from, REVISION_LABEL)
    const source = from === undefined ? 'the default revision' : `${from} label ${REVISION_LABEL}`
    const serves = name === undefined ? undefined : findServed(name, source, facts)
    const installed = serves !== undefined && serves.is !== 'not installed'
    const matched = active && installed && conditions.every(({ holds }) => holds)
    return { rule: rule.webhook, matched, active, conditions, serves }
  })
}

function findServed(name: string, from: string, { tags, revisions }: RevisionFacts): ServedName {
  const target = tags.get(name)
  if (target !== undefined) return { name, from, is: 'tag', revision: target }
  if (revisions.has(name)) return { name, from, is: 'revision', revision: name }
  return { name, from, is: 'not installed' }
}
