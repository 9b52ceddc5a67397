/** `remora used-by` without a name: every revision and tag with the counts of what depends on it. */
import type { UsedBy, UsedBySubject } from '../analysis/index.ts'
import type { Paint } from './paint.ts'
import type { ReadUsedBy } from './read-used-by.ts'
import { paragraphs, type Text, tableLines, text } from './text.ts'
import { countsJson, notSeen, subjectJson } from './used-by-text.ts'

/** Columns of the table: kinds of dependants, by code. What no column names is counted as OTHER. */
const COLUMNS = {
  PODS: ['pods', 'gateways', 'waypoints', 'ztunnels'],
  WORKLOADS: ['workloads'],
  LABELS: ['namespace-labels', 'pod-labels'],
} as const
const COUNTED: ReadonlySet<string> = new Set(Object.values(COLUMNS).flat())

export function listText(all: readonly UsedBy[], read: ReadUsedBy, paint: Paint): Text {
  const rows = all.map((found) => [
    // With the other columns a row has at most 80 characters.
    cut(nameText(found.subject), 20),
    cut(stateText(found.subject, read), 14),
    ...Object.values(COLUMNS).map((codes) => String(count(found, (id) => codes.some((one) => one === id)))),
    String(count(found, (id) => !COUNTED.has(id))),
    found.verdict === 'in-use' ? 'no' : found.verdict === 'free' ? paint.good('yes') : paint.bad('not known'),
  ])
  return paragraphs([
    [paint.bold(sentenceOf(all))],
    read.notRead.map((reason) => text`${paint.bad('not known')}: ${reason}`),
    tableLines([['NAME', 'INSTALLED', ...Object.keys(COLUMNS), 'OTHER', 'MAY GO'], ...rows]),
    notSeen(undefined, read),
  ])
}

function sentenceOf(all: readonly UsedBy[]): string {
  const named = (verdict: UsedBy['verdict']) =>
    all.filter((one) => one.verdict === verdict).map(({ subject }) => nameText(subject))
  const free = named('free')
  const unknown = named('unknown')
  const used = named('in-use').length
  const parts = [
    `${used} of ${all.length} revisions and tags ${used === 1 ? 'is' : 'are'} in use`,
    ...(free.length === 0 ? [] : [`${free.join(', ')} may go`]),
    ...(unknown.length === 0 ? [] : [`${unknown.join(', ')} not known`]),
  ]
  return parts.join('; ')
}

function nameText({ kind, name }: UsedBySubject): string {
  return kind === 'tag' ? `tag/${name}` : name
}

function stateText(subject: UsedBySubject, { facts: { snapshot } }: ReadUsedBy): string {
  if (subject.kind === 'tag') return `-> ${subject.revision}`
  if (!subject.installed) return 'no'
  if (snapshot.external?.has(subject.name)) return 'elsewhere'
  return snapshot.revisions.get(subject.name)?.newest?.version.text ?? 'yes'
}

function cut(whole: string, width: number): string {
  return whole.length <= width ? whole : `${whole.slice(0, width - 1)}…`
}

function count({ groups }: UsedBy, includes: (id: string) => boolean): number {
  return groups
    .filter(({ kind }) => includes(kind.id))
    .reduce((sum, { dependants }) => sum + dependants.length, 0)
}

export function listJson(all: readonly UsedBy[], read: ReadUsedBy): object {
  return {
    revisions: all.map((found) => ({
      ...subjectJson(found.subject),
      verdict: found.verdict,
      counts: countsJson(found),
      removal: found.removal,
    })),
    notRead: read.notRead,
    notSeen: notSeen(undefined, read),
  }
}
