/** The sections of a preview's page about running pods and about proxy images that stay. */
import type { PreviewReport, WaitingWorkload } from '../analysis/index.ts'
import { type Html, html } from './html.ts'
import { nameIn, workloadNames } from './preview-html-groups.ts'
import {
  type ByHand,
  byHand,
  byThemselves,
  changesLabels,
  differencesText,
  KEPT_BY,
  keptImageText,
  runningText,
  shareText,
} from './preview-wording.ts'

export function runningSection(report: PreviewReport): Html | undefined {
  const { running } = report
  if (running === undefined || running.pods === 0) return undefined
  const { waiting, blocked, commands } = running
  return html`<h2 id="running">Running pods</h2>
<div class="card ${waiting.length === 0 ? 'good' : 'warn'}"><h3>${runningText(running)}</h3>
${waiting.length === 0 ? undefined : waitingTable(waiting)}
${commands.length === 0 ? undefined : html`<p class="message">${changesLabels(report) ? 'After the labels are changed, restart them:' : 'Restart them:'}</p><pre>${commands.join('\n')}</pre>`}</div>
${reasons('Cannot be restarted by a rollout', byHand(running))}
${reasons('Need no restart', byThemselves(running))}
${
  blocked.length === 0
    ? undefined
    : html`<div class="card bad"><h3>Do not restart: their new pods would fail</h3>${workloadNames(blocked.map(({ workload }) => workload))}</div>`
}`
}

function waitingTable(waiting: readonly WaitingWorkload[]): Html {
  const groups = [...Map.groupBy(waiting, ({ workload }) => workload.namespace)]
  return html`<div class="scroll"><table class="stack">
<thead><tr><th>Workload</th><th>Pods</th><th>A new pod differs in</th></tr></thead>
${groups.map(
  ([namespace, members]) => html`<tbody><tr class="namespace"><th colspan="3">${namespace}</th></tr>
${members.map(
  (one) =>
    html`<tr><td>${nameIn(one.workload)}</td><td data-label="Pods">${shareText(one)}</td><td data-label="Differs in">${differencesText(one)}</td></tr>`,
)}</tbody>`,
)}</table></div>`
}

function reasons(title: string, rows: readonly ByHand[]): Html | undefined {
  if (rows.length === 0) return undefined
  return html`<div class="card"><h3>${title}</h3><ul class="plain">${rows.map(
    ({ waiting, why }) => html`<li>${waiting.workload.title}: ${why}</li>`,
  )}</ul></div>`
}

export function keptImagesSection({ keptImages }: PreviewReport): Html | undefined {
  if (keptImages.length === 0) return undefined
  return html`<h2 id="kept">Proxy images that do not change</h2>
${KEPT_BY.map(({ keptBy, title }) => {
  const kept = keptImages.filter((one) => one.keptBy === keptBy)
  if (kept.length === 0) return undefined
  return html`<h3>${title}</h3>
${kept.map(
  (one) =>
    html`<div class="card"><p class="message">${keptImageText(one)}</p>${workloadNames(one.workloads)}</div>`,
)}`
})}`
}
