/** The first lines of an explanation: the verdict in one line, and what would change it with the commands that do. */
import { type Counterfactual, describeLabelChange, type Finding } from '../analysis/index.ts'
import { changeCommands } from './change-commands.ts'
import { type ExplainedPod, problemsOf } from './explain-pod.ts'
import type { Paint } from './paint.ts'
import { joinText, type Text, type TextPart, text, unwrapped } from './text.ts'

type Lines = readonly TextPart[]

/** `Deployment shop/web: a new pod gets a sidecar of revision canary; no problem found`, then the fixes and further problems. */
export function verdictLines(explained: ExplainedPod, paint: Paint): Lines {
  const { subject, existing } = explained
  const [first, ...others] = problemsOf(explained)
  const parts = [
    ...(existing === undefined ? [] : [hasText(existing.sidecar)]),
    getsText(explained),
    ...(first === undefined
      ? [
          ...(existing !== undefined && (existing.restartChanges ?? []).length > 0
            ? [`${existing.replacedBy === 'restart' ? 'a restart' : 'creating it again'} changes the sidecar`]
            : []),
          paint.good('no problem found'),
        ]
      : [problemText(first, paint)]),
  ]
  return [
    text`${paint.bold(subject.title)}: ${joinText(parts, '; ')}`,
    ...(first === undefined ? [] : [fixText(first)]),
    ...others.flatMap((problem) => [text`  ${problemText(problem, paint)}`, fixText(problem)]),
  ]
}

function hasText(sidecar: NonNullable<ExplainedPod['existing']>['sidecar']): string {
  if (sidecar === undefined) return 'has no sidecar'
  return sidecar.revision === undefined
    ? 'has a sidecar of unknown revision'
    : `has a sidecar of revision ${sidecar.revision}`
}

function getsText({ explanation: { result, sidecar } }: ExplainedPod): string {
  switch (result.kind) {
    case 'sidecar':
      return `a new pod gets a sidecar of revision ${sidecar?.revision ?? '?'}`
    case 'no-sidecar':
      return `a new pod gets no sidecar (${result.code})`
    case 'external':
      return `a new pod is injected by another control plane (${result.code})`
    case 'refused':
      return `a new pod is refused (${result.code})`
    case 'fault':
      return `a new pod gets an error (${result.code})`
  }
}

function problemText({ severity, code, message }: Finding, paint: Paint): Text {
  return text`${paint.bad(severity)} ${code}: ${message}`
}

function fixText({ fix }: Finding): string {
  return `  fix: ${fix}`
}

/** Those that affect the fewest pods first. */
export function alternativeLines({ subject, explanation }: ExplainedPod, paint: Paint): Lines {
  const { alternatives } = explanation
  if (alternatives.length === 0) return []
  return [
    paint.bold('What would change the decision'),
    ...alternatives.flatMap((alternative) => {
      const { make, rollBack } = changeCommands(alternative, subject)
      return [
        alternativeText(alternative, subject.namespace),
        ...make.map((command) => unwrapped(`    ${command}`)),
        '    to roll back:',
        ...rollBack.map((command) => unwrapped(`    ${command}`)),
      ]
    }),
  ]
}

function alternativeText({ changes, revision, affects }: Counterfactual, namespace: string): string {
  const steps = changes.map((change) => describeLabelChange(change, namespace)).join(' and ')
  const result = revision === undefined ? 'no sidecar' : `revision ${revision}`
  return `  ${steps}: ${result}${affects === 'pod' ? '' : `, affects all pods of ${namespace}`}`
}
