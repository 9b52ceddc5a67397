/** The findings of the previewed workloads, as text and as HTML. Failures are listed with their reasons before. */
import { describePlace, type Finding, type PreviewReport } from '../analysis/index.ts'
import { notJudgedText } from './finding-text.ts'
import { type Html, html } from './html.ts'
import type { Paint } from './paint.ts'
import { type TextPart, text } from './text.ts'

/** Those that are not the reason of a failure in the report. */
function shownFindings({ findings, failures }: PreviewReport): readonly Finding[] {
  const failed = new Set(
    failures.flatMap(({ code, reasons }) =>
      reasons.flatMap(({ workloads }) => workloads.map(({ title }) => `${code} ${title}`)),
    ),
  )
  return findings.filter(({ code, where, objects = [where.object] }) =>
    objects.some((object) => !failed.has(`${code} ${object}`)),
  )
}

export function findingLines(report: PreviewReport, to: string, paint: Paint): readonly TextPart[] {
  const shown = shownFindings(report)
  const { notJudged } = report
  if (shown.length + notJudged.length === 0) return []
  return [
    ...(shown.length === 0 ? [] : [paint.bold(`Findings under ${to}`)]),
    ...shown.flatMap(({ severity, code, where, message, fix }) => [
      text`  ${severity === 'error' ? paint.bad(severity) : severity} ${code}: ${describePlace(where)}`,
      `    ${message.split('\n')[0] ?? ''}`,
      ...(severity === 'note' ? [] : [`    fix: ${fix}`]),
    ]),
    ...(notJudged.length === 0 ? [] : [notJudgedText(notJudged)]),
  ]
}

export function findingsSection(report: PreviewReport, to: string): Html | undefined {
  const shown = shownFindings(report)
  const { notJudged } = report
  if (shown.length + notJudged.length === 0) return undefined
  return html`<h2 id="findings">Findings under ${to}</h2>
${shown.map(
  ({ severity, code, where, message, fix }) =>
    html`<div class="card"><h3><span class="badge ${severity === 'error' ? 'bad' : 'warn'}">${severity}</span> <code>${code}</code> ${describePlace(where)}</h3>
<p class="message">${message}</p><p class="message"><b>Fix:</b> ${fix}</p></div>`,
)}${notJudged.length === 0 ? undefined : html`<p class="soft">${notJudgedText(notJudged)}</p>`}`
}
