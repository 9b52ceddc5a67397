/** The groups on a preview's page: failures, transitions and changes. */
import {
  type ChangeGroup,
  type FailureGroup,
  type FieldChange,
  findExceptions,
  type MoveGroup,
  type TransitionGroup,
  type WorkloadPreview,
} from '../analysis/index.ts'
import { describeCode } from '../inject/index.ts'
import type { JsonValue } from '../json/index.ts'
import { type Html, html, withBreaks, withCode } from './html.ts'
import {
  byArea,
  count,
  FAILURE_TITLES,
  moveText,
  TRANSITION_TITLES,
  transitionText,
  valueText,
} from './preview-wording.ts'

type Workloads = readonly WorkloadPreview[]

/** Longer lists of names are folded. */
const OPEN_NAMES = 24

/** By namespace; each name is without it. */
export function workloadNames(workloads: Workloads): Html {
  const groups = [...Map.groupBy(workloads, ({ namespace }) => namespace)]
  const list = html`<dl class="names">${groups.map(
    ([namespace, members]) =>
      html`<div><dt>${namespace}</dt><dd><ul>${members.map((one) => html`<li>${nameIn(one)}</li>`)}</ul></dd></div>`,
  )}</dl>`
  if (workloads.length <= OPEN_NAMES) return list
  return html`<details><summary>${count(workloads.length, 'workload')}</summary>${list}</details>`
}

/** `Deployment web` of `Deployment shop/web`. */
export function nameIn({ title, namespace }: WorkloadPreview): string {
  return title.replace(` ${namespace}/`, ' ')
}

export function failureCard({ verdict, code, before, reasons }: FailureGroup): Html {
  const workloads = reasons.flatMap((reason) => reason.workloads)
  const { sentence = '', fix } = describeCode(code) ?? {}
  return html`<div class="card bad"><h3>${FAILURE_TITLES[verdict]}: <code>${code}</code> (${count(workloads.length, 'workload')})</h3>
<p class="soft">${withCode(sentence)} Before: <code>${before}</code>.</p>
${reasons.map((reason) => html`<p class="message">${reason.message}</p>${workloadNames(reason.workloads)}`)}
${fix === undefined ? undefined : html`<p class="message"><b>Fix:</b> ${withCode(fix)}</p>`}</div>`
}

const TONES: Readonly<Record<TransitionGroup['verdict'], string>> = {
  lost: 'bad',
  gained: 'warn',
  moved: 'warn',
  external: '',
  fixed: 'good',
  none: '',
}

export function transitionCard(group: TransitionGroup): Html {
  const { verdict, before, after, workloads } = group
  return html`<div class="card ${TONES[verdict]}"><h3>${TRANSITION_TITLES[verdict]} (${count(workloads.length, 'workload')}):
<code>${before}</code><span class="arrow">→</span><code>${after}</code></h3>
<p class="soft">${withCode(transitionText(group))}</p>${workloadNames(workloads)}</div>`
}

/** @param index of the section on the page, for links */
export function movesSection(move: MoveGroup, index: number): Html {
  const { changed, same, groups } = move
  return html`<h2 id="move-${index + 1}">${moveText(move).replace('->', '→')}</h2>
${groups.map((group, number) => groupCard(group, changed, `move-${index + 1}-${number + 1}`))}
${same.length === 0 ? undefined : html`<div class="card good"><h3>Unchanged: ${count(same.length, 'workload')}</h3>${workloadNames(same)}</div>`}`
}

function groupCard({ changes, holders }: ChangeGroup<WorkloadPreview>, changed: Workloads, id: string): Html {
  const of = changed.length
  const includesAll = holders.length === of
  const exceptions = findExceptions(holders, changed)
  const areas = Map.groupBy(byArea(changes), ({ area }) => area)
  const head = includesAll
    ? of === 1
      ? 'The workload that changes'
      : `All ${of} that change`
    : `${holders.length} of the ${of} that change`
  return html`<div class="card" id="${id}"><h3>${head}</h3>
${
  exceptions.length === 0
    ? workloadNames(holders)
    : html`<p class="message">All but ${exceptions.map(({ title }) => title).join(', ')}</p>
<details><summary>${count(holders.length, 'workload')}</summary>${workloadNames(holders)}</details>`
}
<div class="scroll"><table class="fields">
<thead><tr><th class="area">Area</th><th class="path">Field</th><th>Before</th><th>After</th></tr></thead>
<tbody>${[...areas.values()].map(areaRows)}</tbody>
</table></div></div>`
}

/** One area cell beside all of its changes. */
function areaRows(changes: readonly FieldChange[]): Html {
  return html`${changes.map(
    (change, index) => html`<tr>${
      index === 0 ? html`<td class="area" rowspan="${changes.length}">${change.area}</td>` : undefined
    }<td class="path"><code>${withBreaks(change.path)}</code></td>
<td class="old">${valueCell(change, change.before)}</td><td class="new">${valueCell(change, change.after)}</td></tr>`,
  )}`
}

/** Longer values are folded; lists and objects are shown as JSON. */
const OPEN_VALUE = 160

function valueCell(change: FieldChange, value: JsonValue | undefined): Html {
  if (value === undefined) return html`<span class="soft">none</span>`
  const text = valueText(change, value)
  if (text.length <= OPEN_VALUE) return html`<code>${withBreaks(text)}</code>`
  const whole = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
  return html`<details><summary>${text.slice(0, OPEN_VALUE / 2)}…</summary><pre>${whole}</pre></details>`
}
