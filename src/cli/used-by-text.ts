/** The text, the names and the JSON of `remora used-by NAME`. */
import {
  type Dependant,
  type DependantGroup,
  entriesWithoutRevision,
  type UsedBy,
  type UsedBySubject,
} from '../analysis/index.ts'
import type { Paint } from './paint.ts'
import type { ReadUsedBy } from './read-used-by.ts'
import { lines, paragraphs, type Text, type TextPart, text, unwrapped } from './text.ts'

interface Choice {
  readonly wide: boolean
  readonly paint: Paint
}

export function usedByText(found: UsedBy, read: ReadUsedBy, { wide, paint }: Choice): Text {
  const { subject, groups, removal } = found
  return paragraphs([
    [paint.bold(sentenceOf(found)), ...aboutLines(subject, read)],
    read.notRead.map((reason) => text`${paint.bad('not known')}: ${reason}`),
    ...groups.map((group) => groupLines(group, { wide, paint })),
    removal.length === 0
      ? []
      : ['Remove it in this order:', ...removal.map((command) => unwrapped(`  ${command}`))],
    notSeenLines(subject, read),
  ])
}

function sentenceOf({ subject, verdict, groups }: UsedBy): string {
  const name = titleOf(subject)
  switch (verdict) {
    case 'in-use':
      return `${name} is in use by ${groups.map(countText).join(', ')}`
    case 'free':
      return `nothing depends on ${name}: it may go`
    default:
      return `whether ${name} may go is not known: nothing was found that depends on it, but not everything could be read`
  }
}

function titleOf({ kind, name }: UsedBySubject): string {
  return `${kind} ${name}`
}

function countText({ kind, dependants }: DependantGroup): string {
  return `${dependants.length} ${dependants.length === 1 ? kind.one : kind.many}`
}

function aboutLines(subject: UsedBySubject, { facts }: ReadUsedBy): readonly TextPart[] {
  const { snapshot } = facts
  if (subject.kind === 'tag') return [`It points to revision ${subject.revision}.`]
  const { name, installed } = subject
  const also = snapshot.tags.get(name)
  const other =
    also === undefined || also === name
      ? []
      : [`${name} is also a tag that points to ${also}: ask for it with remora used-by tag/${name}`]
  if (!installed) return ['No control plane of this name is installed here.', ...other]
  const url = snapshot.external?.get(name)
  if (url !== undefined)
    return [`It is served from outside of the cluster: the API server calls ${url}.`, ...other]
  const home = snapshot.revisions.get(name)
  return home === undefined ? other : [`Its control plane is in ${home.namespace}.`, ...other]
}

/** Of one kind; -o wide lists all. */
const SHOWN = 10

function groupLines({ kind, dependants }: DependantGroup, { wide, paint }: Choice): readonly TextPart[] {
  const rows = grouped(dependants)
  const shown = wide ? rows : rows.slice(0, SHOWN)
  const rest = rows.length - shown.length
  const of = rows.length === 1 ? '1 workload' : `${rows.length} workloads`
  const title = `${capital(kind.many)}: ${dependants.length}${rows.length === dependants.length ? '' : ` in ${of}`}`
  return [
    paint.bold(title),
    ...shown.map((row) => text`  ${row}`),
    ...(rest > 0 ? [`  and ${rest} more (-o wide lists all)`] : []),
    `  effect  ${kind.effect}`,
    `  fix     ${kind.fix}`,
  ]
}

/** The pods of a workload on one line. */
function grouped(dependants: readonly Dependant[]): readonly string[] {
  return [...Map.groupBy(dependants, ({ group }) => group)].map(([group, members]) => {
    const [first] = members
    const pods = members.length === 1 ? '1 pod' : `${members.length} pods`
    const count = first?.object === group ? '' : `, ${pods}`
    const why = [...new Set(members.map((one) => one.why))].filter((one) => one !== '').join('; ')
    return `${group}${count}${why === '' ? '' : `: ${why}`}`
  })
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** What no object of this cluster shows, so that nobody takes silence for an answer. */
export function notSeen(
  subject: UsedBySubject | undefined,
  { facts, absent }: ReadUsedBy,
): readonly string[] {
  const entries = entriesWithoutRevision(facts)
  const machines =
    entries === 0
      ? 'machines outside of Kubernetes'
      : `machines outside of Kubernetes (${entries} ${entries === 1 ? 'WorkloadEntry does' : 'WorkloadEntries do'} not show which control plane they ask)`
  const what = subject === undefined ? 'a control plane' : subject.kind === 'tag' ? 'its control plane' : 'it'
  return [
    `Objects of this cluster do not show: ${machines} and proxies of other clusters that ask ${what}; Helm releases, GitOps and pipelines that would install it again; pods of kinds that Remora does not know.`,
    ...(absent.length === 0
      ? []
      : [`The folder has no ${absent.join(', ')}: the result holds only if the cluster has none either.`]),
  ]
}

function notSeenLines(subject: UsedBySubject, read: ReadUsedBy): readonly TextPart[] {
  return notSeen(subject, read)
}

/** One line for each dependant, in the order of the text. */
export function usedByNames({ groups }: UsedBy): Text {
  return lines(groups.flatMap(({ dependants }) => dependants.map(({ object }) => object)))
}

export function usedByJson(found: UsedBy, read: ReadUsedBy): object {
  const { subject, verdict, groups, removal } = found
  return {
    ...subjectJson(subject),
    verdict,
    summary: sentenceOf(found),
    counts: countsJson(found),
    dependants: groups.flatMap(({ kind, dependants }) =>
      dependants.map(({ object, group, why }) => ({ kind: kind.id, object, group, why })),
    ),
    removal,
    notRead: read.notRead,
    notSeen: notSeen(subject, read),
  }
}

export function subjectJson(subject: UsedBySubject): object {
  return subject.kind === 'tag'
    ? { kind: 'tag', name: subject.name, revision: subject.revision }
    : { kind: 'revision', name: subject.name, installed: subject.installed, tags: subject.tags }
}

export function countsJson({ groups }: UsedBy): object {
  return Object.fromEntries(groups.map(({ kind, dependants }) => [kind.id, dependants.length]))
}
