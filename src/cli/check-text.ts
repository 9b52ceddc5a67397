/** The report of `remora check` as text and as JSON. */
import type { CheckedRevision, CheckReport } from '../analysis/index.ts'
import { SEVERITIES, type Severity } from '../inject/index.ts'
import { findingJson, findingText, notJudgedText } from './finding-text.ts'
import type { Paint } from './paint.ts'
import { paragraphs, type Text, text } from './text.ts'

/** Part of the public interface (RELEASING.md). */
export function checkJson(report: CheckReport, ok: boolean): object {
  const { counts, revisions, findings, notJudged } = report
  return { ok, counts, revisions, findings: findings.map(findingJson), notJudged }
}

export function checkText({ revisions, findings, counts, notJudged }: CheckReport, paint: Paint): Text {
  return paragraphs([
    revisions.length === 0 ? ['no revision'] : revisions.map((one) => revisionText(one, paint)),
    ...findings.map((finding) => findingText(finding, paint)),
    notJudged.length === 0 ? [] : [notJudgedText(notJudged)],
    [SEVERITIES.map((severity) => countText(counts[severity], severity)).join(', ')],
  ])
}

function revisionText(revision: CheckedRevision, paint: Paint): Text {
  const { name, namespace, tags, serves, istioVersion, versionReason } = revision
  const tagged = tags.length === 0 ? '' : `, tags ${tags.join(', ')}`
  const source = versionReason === undefined ? '' : ` (from ${versionReason})`
  const version = istioVersion === undefined ? 'unknown version' : `Istio ${istioVersion}${source}`
  const tested = serves ? testedText(revision) : paint.bad('not usable')
  return text`${paint.bold(`revision ${name}`)} in ${namespace}${tagged}: ${version}; ${tested}`
}

function testedText({ builtInPods, workloads, templatesNotTried }: CheckedRevision): string {
  const others =
    templatesNotTried.length === 0
      ? ''
      : `; compiled but not tested, because they are not for pods: ${templatesNotTried.map((name) => `template ${name}`).join(', ')}`
  return `tested with ${builtInPods} built-in pods and ${workloads} ${workloads === 1 ? 'workload' : 'workloads'}${others}`
}

function countText(count: number, severity: Severity): string {
  return `${count} ${severity}${count === 1 ? '' : 's'}`
}
