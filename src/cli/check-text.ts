/** Owns: how the report of `remora check` is written, for people and for scripts. What is in it is found out elsewhere. */
import { type CheckedRevision, type CheckReport, describePlace, type Finding } from '../analysis/index.ts'
import { SEVERITIES, type Severity } from '../inject/index.ts'
import type { Paint } from './paint.ts'
import { paragraphs, type Text, type TextPart, text } from './text.ts'

/** Scripts may build on it: fields are added, never changed. */
export function checkJson(report: CheckReport, ok: boolean): object {
  const { counts, revisions, findings } = report
  return { ok, counts, revisions, findings }
}

export function checkText({ revisions, findings, counts }: CheckReport, paint: Paint): Text {
  return paragraphs([
    revisions.length === 0 ? ['no revision'] : revisions.map((one) => revisionText(one, paint)),
    ...findings.map((finding) => findingText(finding, paint)),
    [SEVERITIES.map((severity) => countText(counts[severity], severity)).join(', ')],
  ])
}

function revisionText(revision: CheckedRevision, paint: Paint): Text {
  const { name, namespace, tags, serves, istioVersion, versionReason } = revision
  const tagged = tags.length === 0 ? '' : `, tags ${tags.join(', ')}`
  const told = versionReason === undefined ? '' : ` (told by: ${versionReason})`
  const version = istioVersion === undefined ? 'version not told' : `Istio ${istioVersion}${told}`
  const tried = serves ? triedText(revision) : paint.bad('does not serve')
  return text`${paint.bold(`revision ${name}`)} in ${namespace}${tagged}: ${version}; ${tried}`
}

function triedText({ builtInPods, workloads, templatesNotTried }: CheckedRevision): string {
  const others =
    templatesNotTried.length === 0
      ? ''
      : `; not for pods, so compiled only: ${templatesNotTried.map((name) => `template ${name}`).join(', ')}`
  return `tried on ${builtInPods} built-in pods and ${workloads} ${workloads === 1 ? 'workload' : 'workloads'}${others}`
}

function findingText(
  { severity, code, where, message, expected, mend }: Finding,
  paint: Paint,
): readonly TextPart[] {
  const word = severity === 'error' ? paint.bad(severity) : paint.bold(severity)
  return [
    text`${word} ${code}: ${describePlace(where)}`,
    ...rowText('found', message),
    ...rowText('expected', expected),
    ...rowText('to mend it', mend),
  ]
}

const LABEL_WIDTH = 'to mend it'.length

/** Further lines, of a template and the caret under it, stay under the first. */
function rowText(label: string, message: string): readonly string[] {
  const [first = '', ...rest] = message.split('\n')
  return [
    `  ${label.padEnd(LABEL_WIDTH)}  ${first}`,
    ...rest.map((line) => `  ${' '.repeat(LABEL_WIDTH)}  ${line}`.trimEnd()),
  ]
}

function countText(count: number, severity: Severity): string {
  return `${count} ${severity}${count === 1 ? '' : 's'}`
}
