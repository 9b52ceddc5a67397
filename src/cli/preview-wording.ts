/** The wording that the text and the HTML page of a preview share. */
import {
  CHANGE_AREAS,
  type ChangeArea,
  type FailureGroup,
  type FieldChange,
  isSupportedSkew,
  type KeptImage,
  type LabelChange,
  type MoveGroup,
  type PreviewReport,
  type RunningReport,
  revertLabelChanges,
  type ServedBy,
  shellWord,
  type TransitionGroup,
  type Verdict,
  type WaitingWorkload,
} from '../analysis/index.ts'
import { describeCode, type Snapshot } from '../inject/index.ts'
import { isObject, type JsonValue } from '../json/index.ts'
import { compactValue } from './pod-diff.ts'

/** The most important first. */
export const VERDICTS: readonly {
  readonly verdict: Verdict
  /** Follows a number. */
  readonly words: string
  readonly tone: 'bad' | 'warn' | 'good' | 'plain'
}[] = [
  { verdict: 'refused', words: 'would be refused', tone: 'bad' },
  { verdict: 'fault', words: 'would get an error', tone: 'bad' },
  { verdict: 'lost', words: 'would lose the sidecar', tone: 'bad' },
  { verdict: 'failing', words: 'would still fail', tone: 'bad' },
  { verdict: 'gained', words: 'would gain a sidecar', tone: 'warn' },
  { verdict: 'moved', words: 'would move from a control plane outside the cluster', tone: 'warn' },
  { verdict: 'fixed', words: 'would no longer fail', tone: 'good' },
  { verdict: 'changed', words: 'would change', tone: 'warn' },
  { verdict: 'same', words: 'would not change', tone: 'good' },
  { verdict: 'external', words: 'would stay with a control plane outside the cluster', tone: 'plain' },
  { verdict: 'none', words: 'without a sidecar before and after', tone: 'plain' },
]

export const TRANSITION_TITLES: Readonly<Record<TransitionGroup['verdict'], string>> = {
  lost: 'Would lose the sidecar',
  gained: 'Would gain a sidecar',
  moved: 'Would move from a control plane outside the cluster',
  external: 'Would stay with a control plane outside the cluster',
  fixed: 'Would no longer fail',
  none: 'Without a sidecar before and after',
}

/** What the codes of a group mean for its workloads. */
export function transitionText({ verdict, before, after, message }: TransitionGroup): string {
  if (message === undefined) return describeCode(verdict === 'gained' ? before : after)?.sentence ?? ''
  return verdict === 'moved' ? `${message}, so the differences are not known either` : message
}

export const FAILURE_TITLES: Readonly<Record<FailureGroup['verdict'], string>> = {
  refused: 'Would be refused',
  fault: 'Would get an error',
  failing: 'Would still fail',
}

/** In display order. */
export const AREAS = Object.keys(CHANGE_AREAS) as readonly ChangeArea[] // the table has no other keys

export function byArea(changes: readonly FieldChange[]): readonly FieldChange[] {
  return changes.toSorted((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area))
}

export interface PreviewTitle {
  /** The names from the command line. */
  readonly from: string | undefined
  readonly to: string
  readonly namespace: string | undefined
  /** The names with their meaning: `revision canary (Istio 1.30.3)`. */
  readonly fromText: string
  readonly toText: string
  /** For the page, which may be kept: its time, source and version of Remora. */
  readonly made: { readonly atMs: number; readonly cluster: string; readonly version: string }
}

/** `the current revisions -> revision canary (Istio 1.30.3), in namespace shop`. */
export function titleText({ fromText, toText, namespace }: PreviewTitle): string {
  return `${fromText} -> ${toText}${namespace === undefined ? '' : `, in namespace ${namespace}`}`
}

/** `tag prod-stable (revision 1-29-2, Istio 1.29.2)`. */
export function nameText(name: string, { tags, revisions }: Pick<Snapshot, 'tags' | 'revisions'>): string {
  const target = tags.get(name)
  const version = revisions.get(target ?? name)?.config?.version.text
  const facts = [
    ...(target === undefined ? [] : [`revision ${target}`]),
    ...(version === undefined ? [] : [`Istio ${version}`]),
  ]
  return `${target === undefined ? 'revision' : 'tag'} ${name}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`
}

/** `default (1.28.3) -> canary (1.30.3)`. */
export function moveText({ before, after }: Pick<MoveGroup, 'before' | 'after'>): string {
  return `${servedText(before)} -> ${servedText(after)}`
}

function servedText({ revision, istioVersion }: ServedBy): string {
  return istioVersion === undefined ? revision : `${revision} (${istioVersion})`
}

/** `-`: removed; `+`: added; `~`: changed. */
export function signOf({ before, after }: FieldChange): '+' | '-' | '~' {
  return before === undefined ? '+' : after === undefined ? '-' : '~'
}

/** The value on one line; a named item without its name, which is in the path. */
export function valueText({ path }: Pick<FieldChange, 'path'>, value: JsonValue): string {
  if (typeof value === 'string') return looksLikeText(value) ? value : JSON.stringify(value)
  if (!isObject(value)) return compactValue(value)
  const rest = Object.entries(value).filter(
    ([key, inner]) => !((key === 'name' || key === 'mountPath') && path.endsWith(`[${String(inner)}]`)),
  )
  return compactValue(Object.fromEntries(rest))
}

/** Other strings are quoted: those that look like another type, and those with characters that a terminal does not show. */
function looksLikeText(value: string): boolean {
  return (
    value !== '' &&
    value.trim() === value &&
    !/\p{Cc}/u.test(value) &&
    !/^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|["[{].*)$/s.test(value)
  )
}

/** `kubectl label namespace shop istio-injection- istio.io/rev=canary`. */
export function labelCommand(namespace: string, changes: readonly LabelChange[]): string {
  const words = changes.map(({ name, to }) =>
    to === undefined ? `${name}-` : `${name}=${to === '' ? '' : shellWord(to)}`,
  )
  const overwrites = changes.some(({ from, to }) => from !== undefined && to !== undefined)
  return `kubectl label namespace ${shellWord(namespace)} ${words.join(' ')}${overwrites ? ' --overwrite' : ''}`
}

/** `2026-11-30 03:15 UTC`. */
export function dateText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

export function rollbackCommand(namespace: string, changes: readonly LabelChange[]): string {
  return labelCommand(namespace, revertLabelChanges(changes))
}

/** `9 of 12 running pods need a restart`. */
export function runningText({ pods, waitingPods, blocked }: RunningReport): string {
  const wait = `${waitingPods} of ${count(pods, 'running pod')} ${waitingPods === 1 ? 'needs' : 'need'} a restart`
  return blocked.length === 0 ? wait : `${wait}; ${count(blocked.length, 'workload')} must not be restarted`
}

/** Not where all labels lead to the target already. */
export function changesLabels({ labels, ownLabels }: PreviewReport): boolean {
  return labels.length > 0 || ownLabels.length > 0
}

/** `Deployment test-ns/web: 2 of 3 pods, revision default -> canary`. */
export function waitingText(waiting: WaitingWorkload): string {
  return `${waiting.workload.title}: ${shareText(waiting)}, ${differencesText(waiting)}`
}

/** `2 of 3 pods`. */
export function shareText({ pods, waiting }: WaitingWorkload): string {
  return waiting.length === pods ? count(pods, 'pod') : `${waiting.length} of ${count(pods, 'pod')}`
}

export function differencesText({ differences }: WaitingWorkload): string {
  // A different revision changes all other fields too.
  const main = differences.filter(({ what }) => what === 'revision' || what === 'sidecar')
  return (main.length > 0 ? main : differences)
    .map(({ what, now, next }) => `${what} ${now ?? 'none'} -> ${next ?? 'none'}`)
    .join(', ')
}

export interface ByHand {
  readonly waiting: WaitingWorkload
  readonly why: string
}

/** Those that no single command restarts. */
export function byHand({ waiting }: RunningReport): readonly ByHand[] {
  return waiting.flatMap((one) =>
    one.restart.kind === 'by-hand' || one.restart.kind === 'delete-pods'
      ? [{ waiting: one, why: one.restart.why }]
      : [],
  )
}

export function byThemselves({ waiting }: RunningReport): readonly ByHand[] {
  return waiting.flatMap((one) =>
    one.restart.kind === 'by-itself' ? [{ waiting: one, why: one.restart.why }] : [],
  )
}

export const KEPT_BY = [
  { keptBy: 'workload', title: 'Proxy images that do not change, because the workload sets them' },
  {
    keptBy: 'running pods',
    title: 'Proxy images that do not change until the running pods are created again',
  },
] as const satisfies readonly { readonly keptBy: KeptImage['keptBy']; readonly title: string }[]

/** `my/proxy:1.28.3 under Istio 1.30.3: 2 minor releases older, which Istio does not support`. */
export function keptImageText({ image, istioVersion, ahead, pods }: KeptImage): string {
  const of = pods === undefined ? '' : ` of ${count(pods, 'running pod')}`
  const under = `${image}${of} under Istio ${istioVersion}`
  if (ahead === undefined) return `${under}: its tag names no release, so the skew is not known`
  if (ahead === 0) return `${under}: the same minor release`
  const distance = `${count(Math.abs(ahead), 'minor release')} ${ahead > 0 ? 'older' : 'newer'}`
  return `${under}: ${distance}, which Istio ${isSupportedSkew(ahead) === true ? 'supports' : 'does not support'}`
}

export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`
}
