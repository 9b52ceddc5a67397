/** `remora status --cluster`: the rows, the first sentence and the fix of each workload, from the ledger. */
import { findRestart, howToRestart, shellWord } from '../analysis/index.ts'
import {
  compareStates,
  type PodEntry,
  type PodState,
  type StaleCause,
  type StateCode,
  type WorkloadEntry,
  workloadKey,
} from '../dataplane/index.ts'
import type { JsonObject } from '../json/index.ts'
import type { ReadLedger } from './read-ledger.ts'
import type { ObjectFindings, StatusFindings } from './status-findings.ts'

/** The state that a workload is counted under; `no-pods` if it has none now. */
export type RowState = StateCode | 'no-pods' | 'refused'

export interface StatusRow {
  readonly entry: WorkloadEntry
  readonly state: RowState
  /** Pods in that state. */
  readonly affected: number
  readonly actual: readonly string[]
  readonly causes: readonly StaleCause[]
  /** A sentence; empty if the state needs no explanation. */
  readonly why: string
  /** A command, or what a person has to do; undefined: nothing. */
  readonly fix: string | undefined
  /** What `remora check` reports of it; undefined: not asked for. */
  readonly findings: ObjectFindings | undefined
}

export interface DataplaneReport {
  readonly sentence: string
  /** The worst first. */
  readonly rows: readonly StatusRow[]
  readonly pods: readonly PodEntry[]
  readonly notRead: readonly string[]
  /** undefined: not asked for. */
  readonly findings: StatusFindings | undefined
}

export interface ReportFilter {
  readonly revision?: string | undefined
  readonly findings?: StatusFindings | undefined
}

export function reportOn(
  { ledger, objectOf, notRead }: ReadLedger,
  { revision, findings }: ReportFilter,
): DataplaneReport {
  const all = ledger.pods()
  const touches = ({ actual, desired }: PodEntry) =>
    revision === undefined || actual === revision || desired === revision
  const rows = ledger
    .workloads(all)
    .filter(({ pods, desired }) => revision === undefined || desired === revision || pods.some(touches))
    .map((entry) => rowOf(entry, { object: objectOf(workloadKey(entry.workload)), findings }))
    .toSorted((a, b) => rank(a.state) - rank(b.state))
  return { sentence: sentenceOf(rows), rows, pods: all.filter(touches), notRead, findings }
}

const WITHOUT_PODS = { refused: -1, 'no-pods': 100 } as const

function rank(state: RowState): number {
  return state === 'refused' || state === 'no-pods' ? WITHOUT_PODS[state] : compareStates(state, 'missing')
}

interface RowFacts {
  readonly object: JsonObject | undefined
  readonly findings: StatusFindings | undefined
}

function rowOf(entry: WorkloadEntry, { object, findings }: RowFacts): StatusRow {
  const { pods, next } = entry
  const state: RowState =
    entry.state ?? (next?.kind === 'refused' || next?.kind === 'fault' ? 'refused' : 'no-pods')
  const affected = pods.filter((pod) => pod.state.kind === state)
  const states = affected.map((pod) => pod.state)
  const causes = new Set(states.flatMap((one) => (one.kind === 'stale' ? one.causes : [])))
  return {
    entry,
    state,
    affected: affected.length,
    actual: [...new Set(pods.map(({ actual }) => actual ?? 'none'))],
    causes: [...causes],
    why: states[0] === undefined ? whyEmpty(entry) : whyOf(states[0]),
    fix: fixOf(state, entry, { object, affected }),
    findings: findings?.ofWorkload(workloadKey(entry.workload)),
  }
}

function whyEmpty({ next }: WorkloadEntry): string {
  if (next === undefined) return ''
  switch (next.kind) {
    case 'sidecar':
      return `a new pod would get ${next.revision}`
    case 'none':
      return `a new pod would get no sidecar: ${next.code}`
    case 'unserved':
      return `the labels of a new pod request ${next.asked}, which no control plane serves`
    case 'unknown':
      return next.message
    default:
      return `a new pod would be refused${next.since === undefined ? '' : ` (since ${next.since})`}: ${next.message}`
  }
}

export function whyOf(state: PodState): string {
  switch (state.kind) {
    case 'stale':
      return state.causes.join(', ')
    case 'missing':
      return state.evidence === '' ? state.cause : `${state.cause}: ${state.evidence}`
    case 'orphaned':
      return state.gone === 'service' ? `there is no Service ${state.name}` : `revision ${state.name} is gone`
    case 'unserved':
      return `no control plane serves ${state.asked}`
    case 'unexpected':
    case 'outside':
      return state.code
    case 'unknown':
      return state.message
    case 'rolling':
      return state.wait
    case 'altered':
      return state.fields.map(({ path }) => path).join(', ')
    default:
      return ''
  }
}

interface FixFacts {
  readonly object: JsonObject | undefined
  readonly affected: readonly PodEntry[]
}

const FIXED_BY_RESTART: ReadonlySet<RowState> = new Set(['stale', 'missing', 'orphaned', 'unexpected'])

/** Never a command that kubectl would refuse, or that would change nothing. */
function fixOf(
  state: RowState,
  { next, workload }: WorkloadEntry,
  { object, affected }: FixFacts,
): string | undefined {
  if (state === 'unserved') return 'correct the label istio.io/rev of the namespace or the pod'
  if (state === 'refused') return 'correct the problem that the message names'
  if (!FIXED_BY_RESTART.has(state)) return undefined
  if (next?.kind === 'refused' || next?.kind === 'fault') return `first correct: ${next.code}`
  const gets =
    next?.kind === 'sidecar' || (next === undefined && affected.some((pod) => pod.desired !== undefined))
  const restart = object === undefined ? undefined : findRestart(object)
  const replaced = restart === undefined ? 'restart' : howToRestart(restart)
  if (!gets && state !== 'unexpected')
    return `first label the namespace with a revision that is installed, then ${replaced}`
  if (affected.some((pod) => pod.state.kind === 'missing' && pod.state.cause === 'no-webhook-matches'))
    return 'first register a webhook for the revision; until then a new pod has no sidecar either'
  const namespace = shellWord(workload.namespace)
  const names = affected.map((pod) => shellWord(pod.name)).join(' ')
  switch (restart?.kind) {
    case 'rollout-restart':
      return `kubectl rollout restart ${restart.name} -n ${namespace}`
    case 'command':
      return restart.command
    case 'by-hand':
    case 'by-itself':
      return restart.why
    default:
      return `kubectl delete pod ${names} -n ${namespace}`
  }
}

const PHRASES: readonly (readonly [RowState, string])[] = [
  ['refused', 'whose pods would be refused'],
  ['missing', 'without a sidecar that they should have'],
  ['orphaned', 'whose control plane is gone'],
  ['unserved', 'whose labels request a revision that no control plane serves'],
  ['stale', 'stale'],
  ['unexpected', 'with a sidecar that a new pod would not get'],
  ['unknown', 'not known'],
  ['rolling', 'rolling out'],
  ['outside', 'outside the mesh'],
  ['no-pods', 'without pods'],
]

/** `812 workloads: 743 on 1-29-2, 61 on canary, 5 stale, 3 without a sidecar that they should have` */
function sentenceOf(rows: readonly StatusRow[]): string {
  const revisions = new Map<string, number>()
  for (const { state, entry } of rows) {
    if (state !== 'current' && state !== 'altered') continue
    const name = entry.pods[0]?.actual ?? entry.desired ?? 'a revision that is not recorded'
    revisions.set(name, (revisions.get(name) ?? 0) + 1)
  }
  const on = [...revisions].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${count} on ${name}`)
  const others = PHRASES.map(
    ([state, phrase]) => [rows.filter((row) => row.state === state).length, phrase] as const,
  )
    .filter(([count]) => count > 0)
    .map(([count, phrase]) => `${count} ${phrase}`)
  const parts = [...on, ...others].join(', ')
  return `${rows.length} ${rows.length === 1 ? 'workload' : 'workloads'}${parts === '' ? '' : `: ${parts}`}`
}
