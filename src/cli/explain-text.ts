/** The text of an explanation of a pod. */
import {
  type Counterfactual,
  describeFinding,
  describeLabelChange,
  type PodExplanation,
  type PolicyTrace,
  type RuleFinding,
  type WebhookFinding,
} from '../analysis/index.ts'
import { describeDifference, type ExistingPod, type ExplainedPod, problemsOf } from './explain-pod.ts'
import { provenanceLines } from './explain-provenance.ts'
import { rolloutLines } from './explain-rollouts.ts'
import type { Paint } from './paint.ts'
import { type TextPart, text } from './text.ts'

type Lines = readonly TextPart[]

/** Groups of lines, for `paragraphs`. */
export function explanationGroups(explained: ExplainedPod, paint: Paint): readonly Lines[] {
  const { subject, explanation, existing } = explained
  const next =
    subject.existing === undefined
      ? ''
      : subject.owner === undefined
        ? ' (for a new pod of this manifest)'
        : ` (for a new pod of ${subject.owner})`
  return [
    [paint.bold(subject.title)],
    existing === undefined ? [] : existingLines(existing, paint),
    [paint.bold(text`Webhooks that the API server calls${next}`), ...webhookLines(explanation, paint)],
    [paint.bold('Decision'), ...decisionLines(explanation, paint)],
    rolloutLines(explanation, paint),
    [paint.bold('Result'), ...resultLines(explained, paint)],
    explained.provenance === undefined ? [] : provenanceLines(explained.provenance, paint),
    alternativeLines(explanation.alternatives, subject.namespace, paint),
  ]
}

function existingLines({ sidecar, controlPlane, restartChanges }: ExistingPod, paint: Paint): Lines {
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
    lines.push('  restart            not compared: the pod is completed, or a new one would be refused')
  else if (restartChanges.length === 0) lines.push('  restart            changes none of these')
  for (const difference of restartChanges ?? [])
    lines.push(text`  restart            ${paint.bad(describeDifference(difference))}`)
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

function webhookLines({ webhooks, called }: PodExplanation, paint: Paint): Lines {
  if (called === undefined) {
    return ['  unknown: the cluster has no injection webhook, or the folder does not contain it']
  }
  const lines = webhooks.flatMap((webhook) => webhookText(webhook, paint))
  return called
    ? lines
    : [...lines, text`  ${paint.bad('no webhook is called')}: the pod starts without injection`]
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

function decisionLines({ target, rules, decision, policy, outcome }: PodExplanation, paint: Paint): Lines {
  const asked =
    target.by === 'labels'
      ? ['  the labels select the revision']
      : [`  the webhook path names ${target.by} ${target.name}; the labels:`]
  const lines: TextPart[] = [...asked, ...rules.flatMap((rule) => ruleText(rule, paint))]
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
      lines.push(...(policy === undefined ? [] : policyLines(policy, paint)))
      if (outcome.kind === 'refused') lines.push(text`  ${paint.bad(outcome.code)}: ${outcome.message}`)
      return lines
    }
  }
}

function ruleText({ rule, matched, active, conditions, serves }: RuleFinding, paint: Paint): Lines {
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
    ...conditions.map((condition) => {
      const line = `         ${condition.holds ? 'yes' : 'no '} ${describeFinding(condition)}`
      return condition.holds ? line : paint.dim(line)
    }),
    ...named,
  ]
}

function policyLines({ steps, skip }: PolicyTrace, paint: Paint): Lines {
  return [
    ...steps.map(({ from, value, says, decides }) => {
      const line = `         ${from}: ${value === undefined ? 'not set' : value}: ${says === 'nothing' ? 'no decision' : says}`
      return decides ? text`${line}  ${paint.bold('<- decides')}` : paint.dim(line)
    }),
    skip === undefined ? text`  ${paint.good('inject')}` : text`  ${paint.bad('skip')}: ${skip}`,
  ]
}

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
  if (result.fix !== undefined) lines.push(`  fix: ${result.fix}`)
  const found = new Set(findings.map(({ code, message }) => `${code}: ${message}`))
  // A finding is not listed as a note of the injector too.
  const shown = notes.map(({ code, message }) => `${code}: ${message}`).filter((note) => !found.has(note))
  lines.push(...shown.map((note) => `  note ${note}`))
  for (const { severity, code, message, fix } of findings) {
    const word = severity === 'note' ? severity : paint.bad(severity)
    lines.push(text`  ${word} ${code}: ${message}`, `        fix: ${fix}`)
  }
  return problemsOf({ findings }).length === 0 ? [...lines, text`  ${paint.good('no problem found')}`] : lines
}

function alternativeLines(alternatives: readonly Counterfactual[], namespace: string, paint: Paint): Lines {
  if (alternatives.length === 0) return []
  const line = ({ changes, revision }: Counterfactual): string => {
    const steps = changes.map((change) => describeLabelChange(change, namespace)).join(' and ')
    return `  ${steps}: ${revision === undefined ? 'no sidecar' : `revision ${revision}`}`
  }
  return [paint.bold('Label changes that give another result'), ...alternatives.map(line)]
}
