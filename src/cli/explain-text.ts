/** The text of an explanation of a pod. */
import {
  describeFinding,
  type PodExplanation,
  type PolicyTrace,
  type RuleFinding,
  type WebhookFinding,
} from '../analysis/index.ts'
import { describeDifference, type ExistingPod, type ExplainedPod } from './explain-pod.ts'
import { provenanceLines } from './explain-provenance.ts'
import { rolloutLines } from './explain-rollouts.ts'
import { alternativeLines, verdictLines } from './explain-verdict.ts'
import type { Paint } from './paint.ts'
import { type TextPart, text } from './text.ts'

type Lines = readonly TextPart[]

export interface ExplanationStyle {
  readonly paint: Paint
  /** Also what does not match, with all conditions. */
  readonly all: boolean
}

/** Groups of lines, for `paragraphs`: the verdict, what would change it, then the stages that led to it. */
export function explanationGroups(
  explained: ExplainedPod,
  { paint, all }: ExplanationStyle,
): readonly Lines[] {
  const { subject, explanation, existing } = explained
  const next =
    subject.existing === undefined
      ? ''
      : subject.owner === undefined
        ? ' (for a new pod of this manifest)'
        : ` (for a new pod of ${subject.owner})`
  return [
    verdictLines(explained, paint),
    alternativeLines(explained, paint),
    existing === undefined ? [] : existingLines(existing, paint),
    [
      paint.bold(text`Webhooks that the API server calls${next}`),
      ...webhookLines(explanation, { paint, all }),
    ],
    [paint.bold('Decision'), ...decisionLines(explanation, { paint, all })],
    rolloutLines(explanation, paint),
    [paint.bold('Result'), ...resultLines(explained, paint)],
    explained.provenance === undefined ? [] : provenanceLines(explained.provenance, paint),
  ]
}

/** The labels above it are as wide. */
const RESTART_WIDTH = 'discovery address'.length + 2

function existingLines(existing: ExistingPod, paint: Paint): Lines {
  const { sidecar, controlPlane, restartChanges } = existing
  const label = existing.replacedBy.padEnd(RESTART_WIDTH)
  const lines: TextPart[] = [paint.bold('Current sidecar')]
  if (sidecar === undefined) lines.push('  no sidecar')
  else {
    lines.push(
      `  revision           ${sidecar.revision ?? 'not in the annotation sidecar.istio.io/status'}`,
      `  discovery address  ${sidecar.discoveryAddress} (${sidecar.discoveryFrom})`,
      text`  control plane      ${controlPlaneText(controlPlane, paint)}`,
      `  proxy              ${sidecar.image} (${sidecar.form})`,
    )
  }
  if (restartChanges === undefined)
    lines.push(`  ${label}not compared: the pod is completed, or a new one would be refused`)
  else if (restartChanges.length === 0) lines.push(`  ${label}changes none of these`)
  for (const difference of restartChanges ?? [])
    lines.push(text`  ${label}${paint.bad(describeDifference(difference))}`)
  return lines
}

function controlPlaneText(controlPlane: ExistingPod['controlPlane'], paint: Paint): TextPart {
  switch (controlPlane?.state) {
    case 'exists':
      return `Service ${controlPlane.service} exists`
    case 'gone':
      return paint.bad(text`missing: there is no Service ${controlPlane.service}`)
    default:
      return 'not a Service of this cluster, so not checked'
  }
}

function webhookLines({ webhooks, called }: PodExplanation, { paint, all }: ExplanationStyle): Lines {
  if (called === undefined) {
    return ['  unknown: the cluster has no injection webhook, or the folder does not contain one']
  }
  if (!called || all) {
    const lines = webhooks.flatMap((webhook) => webhookText(webhook, paint))
    return called
      ? lines
      : [...lines, text`  ${paint.bad('no webhook is called')}: the pod starts without injection`]
  }
  const matched = webhooks.filter((webhook) => webhook.matched)
  return [
    ...matched.flatMap((webhook) => webhookText(webhook, paint)),
    ...othersLine(webhooks.length - matched.length, 'webhook', paint),
  ]
}

function othersLine(number: number, what: string, paint: Paint): Lines {
  if (number === 0) return []
  const words = number === 1 ? `1 other ${what} does not match` : `${number} other ${what}s do not match`
  return [text`  ${paint.dim(`no   ${words} (--all shows why)`)}`]
}

function webhookText(webhook: WebhookFinding, paint: Paint): Lines {
  const name = `${webhook.configuration}/${webhook.webhook.replace(/\.sidecar-injector\.istio\.io$/, '')}`
  if (!webhook.matched) {
    const failing = webhook.conditions.filter(({ holds }) => !holds).map(describeFinding)
    return [text`  ${paint.dim('no ')}  ${name}`, ...failing.map((reason) => paint.dim(`         ${reason}`))]
  }
  const conditions = webhook.matchConditions.map(
    (condition) => `         only if matchCondition ${condition} is true (not evaluated)`,
  )
  const who = webhook.of === 'remora' ? 'Remora' : 'istiod'
  return [
    text`  ${paint.good('yes')}  ${name}: calls ${who} at ${webhook.calls} (failurePolicy ${webhook.failurePolicy})`,
    ...webhook.conditions.map((condition) => `         ${describeFinding(condition)}`),
    ...conditions,
  ]
}

function decisionLines(
  { target, rules, decision, policy, outcome }: PodExplanation,
  { paint, all }: ExplanationStyle,
): Lines {
  const asked =
    target.by === 'labels'
      ? ['  the labels select the revision']
      : [`  the webhook path names ${target.by} ${target.name}; the labels:`]
  const matched = rules.filter((rule) => rule.matched)
  const isShort = !all && matched.length > 0
  const lines: TextPart[] = [
    ...asked,
    ...(isShort ? matched : rules).flatMap((rule) => ruleText(rule, { paint, all })),
    ...(isShort ? othersLine(rules.length - matched.length, 'rule', paint) : []),
  ]
  switch (decision.kind) {
    case 'none':
      return [...lines, text`  ${paint.bad('no revision')}: ${decision.code}`]
    case 'fault':
      return [...lines, text`  ${paint.bad(decision.code)}: ${decision.message}`]
    case 'revision': {
      const { revision, tag } = decision.decided
      lines.push(
        text`  ${paint.good(`revision ${revision}`)}${tag === undefined ? '' : `, through tag ${tag}`}`,
      )
      lines.push(...(policy === undefined ? [] : policyLines(policy, { paint, all })))
      if (outcome.kind === 'refused') lines.push(text`  ${paint.bad(outcome.code)}: ${outcome.message}`)
      return lines
    }
  }
}

function ruleText(
  { rule, matched, active, conditions, serves }: RuleFinding,
  { paint, all }: ExplanationStyle,
): Lines {
  const matches = matched ? paint.good('yes') : paint.dim('no ')
  if (!active)
    return [text`  ${matches}  rule ${rule}: not active, because namespaces are not injected by default`]
  const named =
    serves === undefined
      ? []
      : [
          text`         serves ${serves.name} (${serves.from}), ${
            serves.is === 'not installed'
              ? paint.bad('not installed')
              : serves.is === 'tag'
                ? `a tag for revision ${serves.revision}`
                : 'a revision'
          }`,
        ]
  return [
    text`  ${matches}  rule ${rule}`,
    // For a rule that does not match, only the failing conditions are shown.
    ...conditions
      .filter(({ holds }) => all || matched || !holds)
      .map((condition) => {
        const line = `         ${condition.holds ? 'yes' : 'no '} ${describeFinding(condition)}`
        return condition.holds ? line : paint.dim(line)
      }),
    ...named,
  ]
}

function policyLines({ steps, skip }: PolicyTrace, { paint, all }: ExplanationStyle): Lines {
  const shown = all ? steps : steps.filter(({ decides, says }) => decides || says !== 'nothing')
  return [
    ...shown.map(({ from, value, says, decides }) => {
      const line = `         ${from}: ${value === undefined ? 'not set' : value}: ${says === 'nothing' ? 'no decision' : says}`
      return decides ? text`${line}  ${paint.bold('<- decides')}` : paint.dim(line)
    }),
    skip === undefined ? text`  ${paint.good('inject')}` : text`  ${paint.bad('skip')}: ${skip}`,
  ]
}

/** The problems are part of the verdict. */
function resultLines({ explanation, findings }: ExplainedPod, paint: Paint): Lines {
  const { result, sidecar, notes } = explanation
  const lines: TextPart[] = [
    text`  ${result.kind === 'sidecar' ? paint.good(result.code) : paint.bad(result.code)}: ${result.message}`,
  ]
  if (sidecar !== undefined) {
    lines.push(
      `  sidecar of revision ${sidecar.revision ?? '?'}, ${sidecar.discoveryAddress}, ${sidecar.image} (${sidecar.form})`,
    )
  }
  const found = new Set(findings.map(({ code, message }) => `${code}: ${message}`))
  // A finding is not listed as a note of the injector too.
  const shown = notes.map(({ code, message }) => `${code}: ${message}`).filter((note) => !found.has(note))
  lines.push(...shown.map((note) => `  note ${note}`))
  for (const { severity, code, message, fix } of findings) {
    if (severity === 'note') lines.push(`  note ${code}: ${message}`, `        fix: ${fix}`)
  }
  return lines
}
