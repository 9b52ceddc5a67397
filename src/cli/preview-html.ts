/**
 * The HTML page of a preview: one file that loads nothing and runs no script, with the same differences as the JSON. Text
 * from the cluster is escaped by html.ts.
 */

import type { NoteGroup, PreviewOutcome, PreviewReport, WorkloadPreview } from '../analysis/index.ts'
import { describeCode } from '../inject/index.ts'
import { type Html, html } from './html.ts'
import { findingsSection } from './preview-findings.ts'
import { failureCard, movesSection, nameIn, transitionCard, workloadNames } from './preview-html-groups.ts'
import { keptImagesSection, runningSection } from './preview-html-running.ts'
import { PREVIEW_STYLE } from './preview-style.ts'
import {
  count,
  dateText,
  labelCommand,
  moveText,
  type PreviewTitle,
  rollbackCommand,
  titleText,
  VERDICTS,
} from './preview-wording.ts'

/** The only text that is not escaped. */
const STYLE: Html = { html: `<style>${PREVIEW_STYLE}</style>` }

export function previewHtml(report: PreviewReport, title: PreviewTitle): string {
  const { failures, transitions, moves, notes, workloads } = report
  const changes = transitions.filter(({ verdict }) => verdict !== 'none')
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>Preview: ${titleText(title)}</title>
${STYLE}
</head>
<body>
<main>
${headSection(report, title)}
${failures.length === 0 ? undefined : html`<h2 id="failures">What would fail</h2>${failures.map(failureCard)}`}
${uncalledSection(report.uncalled, title)}
${changes.length === 0 ? undefined : html`<h2 id="transitions">Workloads that would gain, lose or take over a sidecar</h2>${changes.map(transitionCard)}`}
${moves.map((move, index) => movesSection(move, index))}
${notes.length === 0 ? undefined : notesSection(notes)}
${findingsSection(report, title.to)}
${keptImagesSection(report)}
${labelsSection(report, title)}
${runningSection(report)}
${workloadsSection(workloads, report)}
<footer>Each workload was injected twice by the code of the webhook: as it is now (or under --from), and as after the migration. Nothing in the cluster was changed.</footer>
</main>
</body>
</html>`.html
  }\n`
}

function headSection(report: PreviewReport, title: PreviewTitle): Html {
  const { workloads, counts, uncalled, moves, labels, ownLabels, running } = report
  const { atMs, cluster, version } = title.made
  const namespaces = new Set(workloads.map(({ namespace }) => namespace)).size
  const fine = counts.refused + counts.fault + counts.failing + counts.lost + uncalled.length === 0
  const links = [
    ...moves.map((move, index) => [`move-${index + 1}`, moveText(move)] as const),
    ...(labels.length + ownLabels.length > 0 ? [['move', 'Migration'] as const] : []),
    ...(running !== undefined && running.pods > 0 ? [['running', 'Running pods'] as const] : []),
    ['workloads', 'All workloads'] as const,
  ]
  return html`<header>
<h1>${title.fromText}<span class="arrow">→</span>${title.toText}</h1>
<p class="soft">${count(workloads.length, 'workload')} in ${title.namespace === undefined ? count(namespaces, 'namespace') : `namespace ${title.namespace}`}</p>
<p class="soft made">Made ${dateText(atMs)} from cluster <code>${cluster}</code> by Remora ${version}</p>
<ul class="tiles">${VERDICTS.filter(({ verdict }) => counts[verdict] > 0).map(
    ({ verdict, words, tone }) => html`<li class="${tone}"><b>${counts[verdict]}</b>${words}</li>`,
  )}${uncalled.length === 0 ? undefined : html`<li class="bad"><b>${uncalled.length}</b>without a matching webhook</li>`}</ul>
<nav>${links.map(([id, text]) => html`<a href="#${id}">${text.replace('->', '→')}</a> `)}</nav>
${fine && workloads.length > 0 ? html`<p class="banner">Nothing would fail, and no workload would lose its sidecar.</p>` : undefined}
</header>`
}

function uncalledSection(workloads: readonly WorkloadPreview[], { to }: PreviewTitle): Html | undefined {
  if (workloads.length === 0) return undefined
  return html`<h2 id="uncalled">No webhook would be called</h2>
<div class="card bad"><p>No webhook of the cluster matches the labels for <code>${to}</code>, so these pods would start without a sidecar.
Their results on this page are valid once the webhook configuration of <code>${to}</code> is installed.</p>${workloadNames(workloads)}</div>`
}

function notesSection(notes: readonly NoteGroup[]): Html {
  return html`<h2 id="notes">Notes and warnings</h2>
${notes.map(
  ({ change, code, message, workloads }) =>
    html`<div class="card"><h3><span class="badge ${change === 'new' ? 'warn' : 'good'}">${change}</span> <code>${code}</code></h3>
<p class="message">${message}</p>${workloadNames(workloads)}</div>`,
)}`
}

function labelsSection({ labels, ownLabels }: PreviewReport, { to }: PreviewTitle): Html | undefined {
  if (labels.length === 0 && ownLabels.length === 0) return undefined
  const commands = labels.map(({ namespace, changes }) => labelCommand(namespace, changes)).join('\n')
  const rollback = labels.map(({ namespace, changes }) => rollbackCommand(namespace, changes)).join('\n')
  return html`<h2 id="move">Commands for the migration</h2>
<div class="card">${
    labels.length === 0
      ? undefined
      : html`<p>Change the labels, then restart the workloads:</p><pre>${commands}</pre>
<p>To roll back, then restart the workloads again:</p><pre>${rollback}</pre>`
  }${
    ownLabels.length === 0
      ? undefined
      : html`<p class="message">Set the label <code>istio.io/rev=${to}</code> in the pod templates of</p>${workloadNames(ownLabels)}`
  }</div>`
}

function workloadsSection(workloads: readonly WorkloadPreview[], { moves }: PreviewReport): Html {
  const rank = ({ verdict }: WorkloadPreview) => VERDICTS.findIndex((row) => row.verdict === verdict)
  const groups = [...Map.groupBy(workloads, ({ namespace }) => namespace)]
  return html`<h2 id="workloads">All workloads</h2>
<div class="card scroll"><table class="stack">
<thead><tr><th>Workload</th><th>Before</th><th>After</th><th>Result</th><th>Differences</th></tr></thead>
${groups.map(
  ([namespace, members]) => html`<tbody><tr class="namespace"><th colspan="5">${namespace}</th></tr>
${members.toSorted((a, b) => rank(a) - rank(b)).map((one) => workloadRow(one, VERDICTS[rank(one)], moves))}</tbody>`,
)}</table></div>`
}

function workloadRow(
  one: WorkloadPreview,
  row: (typeof VERDICTS)[number] | undefined,
  moves: PreviewReport['moves'],
): Html {
  return html`<tr><td>${nameIn(one)}</td><td data-label="Before">${sideText(one.before)}</td><td data-label="After">${sideText(one.after)}</td>
<td data-label="Result"><span class="badge ${row?.tone}">${row?.words}</span>${one.called === false ? html` <span class="badge bad">no webhook</span>` : undefined}</td><td data-label="Differences">${groupLinks(one, moves)}</td></tr>`
}

function sideText(outcome: PreviewOutcome): Html {
  const { code, kind, decided } = outcome
  if (kind === 'patched' && decided !== undefined)
    return html`${decided.revision} <span class="soft">${decided.istioVersion}</span>`
  return html`<code title="${describeCode(code)?.sentence}">${code}</code>`
}

/** Links to all groups of the workload, numbered as on the page. */
function groupLinks(workload: WorkloadPreview, moves: PreviewReport['moves']): readonly Html[] {
  return moves.flatMap((move, index) =>
    move.groups.flatMap(({ holders }, group) =>
      holders.includes(workload)
        ? [
            html`<a href="#move-${index + 1}-${group + 1}" title="${moveText(move)}">${
              holders.length === move.changed.length ? 'common' : `group ${group + 1}`
            }</a> `,
          ]
        : [],
    ),
  )
}
