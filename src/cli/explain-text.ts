/** Owns: how an explanation of a pod is written for people. What is in it is found out elsewhere. */
import {
  type Counterfactual,
  describeFinding,
  describeLabelChange,
  type PodExplanation,
  type PolicyTrace,
  type RuleFinding,
  type WebhookFinding,
} from '../analysis/index.ts'
import { describeDifference, type ExistingPod, type ExplainedPod } from './explain-pod.ts'
import { provenanceLines } from './explain-provenance.ts'
import type { Paint } from './paint.ts'
import { type TextPart, text } from './text.ts'

type Lines = readonly TextPart[]

/** Groups of lines, an empty line between them. */
export function explanationGroups(explained: ExplainedPod, paint: Paint): readonly Lines[] {
  const { subject, explanation, existing } = explained
  const next =
    subject.existing === undefined
      ? ''
      : subject.owner === undefined
        ? ' (a new pod of this manifest)'
        : ` (a new pod of ${subject.owner})`
  return [
    [paint.bold(subject.title)],
    existing === undefined ? [] : existingLines(existing, paint),
    [paint.bold(text`Whom the API server calls${next}`), ...webhookLines(explanation, paint)],
    [paint.bold('What the server decides'), ...decisionLines(explanation, paint)],
    [paint.bold('Result'), ...resultLines(explained, paint)],
    explained.provenance === undefined ? [] : provenanceLines(explained.provenance, paint),
    alternativeLines(explanation.alternatives, subject.namespace, paint),
  ]
}

function existingLines({ sidecar, controlPlane, restartChanges }: ExistingPod, paint: Paint): Lines {
  const lines: TextPart[] = [paint.bold('What the pod has')]
  if (sidecar === undefined) lines.push('  no sidecar')
  else {
    lines.push(
      `  revision           ${sidecar.revision ?? 'not told by annotation sidecar.istio.io/status'}`,
      `  discovery address  ${sidecar.discoveryAddress} (${sidecar.discoveryFrom})`,
      text`  control plane      ${controlPlaneText(controlPlane, paint)}`,
      `  proxy              ${sidecar.image} (${sidecar.form})`,
    )
  }
  if (restartChanges === undefined)
    lines.push('  restart            not compared: it ran to its end, or a new pod is refused')
  else if (restartChanges.length === 0) lines.push('  restart            changes none of this')
  for (const difference of restartChanges ?? [])
    lines.push(text`  restart            ${paint.bad(describeDifference(difference))}`)
  return lines
}

function controlPlaneText(controlPlane: ExistingPod['controlPlane'], paint: Paint): TextPart {
  switch (controlPlane?.state) {
    case 'exists':
      return `Service ${controlPlane.service} exists`
    case 'gone':
      return paint.bad(text`gone: there is no Service ${controlPlane.service}`)
    default:
      return 'not a Service of this cluster; not looked for'
  }
}

function webhookLines({ webhooks, called }: PodExplanation, paint: Paint): Lines {
  if (called === undefined) {
    return ['  the cluster has no injection webhook (or none was given): not known']
  }
  const lines = webhooks.flatMap((webhook) => webhookText(webhook, paint))
  return called ? lines : [...lines, text`  ${paint.bad('nobody is called')}: the pod starts as it was sent`]
}

function webhookText(webhook: WebhookFinding, paint: Paint): Lines {
  const name = `${webhook.configuration}/${webhook.webhook.replace(/\.sidecar-injector\.istio\.io$/, '')}`
  if (!webhook.matched) {
    const failing = webhook.conditions.filter(({ holds }) => !holds).map(describeFinding)
    return [text`  ${paint.dim('no ')}  ${name}`, ...failing.map((reason) => paint.dim(`         ${reason}`))]
  }
  const conditions = webhook.matchConditions.map(
    (condition) => `         only if matchCondition ${condition} holds too (not evaluated)`,
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
      ? ['  the labels choose the revision']
      : [`  the webhook's path asks for ${target.by} ${target.name}; what the labels say:`]
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
  const mark = matched ? paint.good('yes') : paint.dim('no ')
  if (!active) return [text`  ${mark}  rule ${rule}: namespaces are not injected by default here`]
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
    text`  ${mark}  rule ${rule}`,
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
      const line = `         ${from}: ${value === undefined ? 'not set' : value}: ${says === 'nothing' ? 'says nothing' : says}`
      return decides ? text`${line}  ${paint.bold('<- decides')}` : paint.dim(line)
    }),
    skip === undefined ? text`  ${paint.good('inject')}` : text`  ${paint.bad('skip')}: ${skip}`,
  ]
}

function resultLines({ explanation, problems }: ExplainedPod, paint: Paint): Lines {
  const { result, sidecar, notes } = explanation
  const lines: TextPart[] = [
    text`  ${result.kind === 'sidecar' ? paint.good(result.code) : paint.bad(result.code)}: ${result.message}`,
  ]
  if (sidecar !== undefined) {
    lines.push(
      `  sidecar of revision ${sidecar.revision ?? '?'}, ${sidecar.discoveryAddress}, ${sidecar.image} (${sidecar.form})`,
    )
  }
  if (result.mend !== undefined) lines.push(`  to mend it: ${result.mend}`)
  // What is told as a problem is not told again.
  const said = `${result.code}: ${result.message}`
  const told = notes
    .map(({ code, message }) => `${code}: ${message}`)
    .filter((note) => !problems.includes(note))
  lines.push(...told.map((note) => `  note ${note}`))
  if (problems.length === 0) return [...lines, text`  ${paint.good('as it should be')}`]
  const others = problems.filter((problem) => problem !== said)
  const colon = others.length === 0 ? '' : ':'
  return [
    ...lines,
    text`  ${paint.bad('not as it should be')}${colon}`,
    ...others.map((problem) => `    ${problem}`),
  ]
}

function alternativeLines(alternatives: readonly Counterfactual[], namespace: string, paint: Paint): Lines {
  if (alternatives.length === 0) return []
  const line = ({ changes, revision }: Counterfactual): string => {
    const steps = changes.map((change) => describeLabelChange(change, namespace)).join(' and ')
    return `  ${steps}: ${revision === undefined ? 'no sidecar' : `revision ${revision}`}`
  }
  return [paint.bold('What would change the answer'), ...alternatives.map(line)]
}
