/**
 * Turns one review and its outcome into a line: redacted, with the outcome for the redacted review, so that a replay
 * elsewhere gives exactly that outcome.
 */
import { decodeReview, parseInjectPath, toInjectionRequest } from '../admission/index.ts'
import {
  type InjectionRequest,
  type InjectOptions,
  inject,
  type NamespaceFacts,
  type Outcome,
  type Snapshot,
} from '../inject/index.ts'
import { isObject, type JsonObject, own, parseJson } from '../json/index.ts'
import type { DescribedCluster } from './describe-cluster.ts'
import { digestJson, type Redactor } from './digest.ts'
import type { RecordedOutcome, ReviewLine } from './format.ts'
import type { ReplayCluster } from './rebuild-snapshot.ts'
import { describeNamespace, redactPath, redactReview } from './redact-review.ts'

/** Everything that `inject` got for one review, and its outcome. */
export interface AnsweredReview {
  readonly rawUrl: string
  readonly body: Uint8Array
  readonly snapshot: Snapshot
  readonly request: InjectionRequest
  readonly outcome: Outcome
}

export interface RecordContext {
  readonly id: string
  readonly cluster: DescribedCluster
  readonly redactor: Redactor
  readonly raw: boolean
  readonly options: InjectOptions
}

/** Undefined if the body is not a review. Never throws because of its content. */
export function recordReview(answered: AnsweredReview, context: RecordContext): ReviewLine | undefined {
  const { request, snapshot, outcome } = answered
  const redactor = context.raw ? undefined : context.redactor
  const path = parseInjectPath(answered.rawUrl)
  const parsed = parseJson(Buffer.from(answered.body).toString('utf8'), { maxBytes: Number.MAX_SAFE_INTEGER })
  if (path === undefined || !isObject(parsed)) return undefined
  const review = redactor === undefined ? parsed : redactReview(parsed, redactor)
  const shownPath = redactPath(path, redactor)
  const namespaces = namespacesOf(request, snapshot)
  const described = Object.fromEntries(
    [...namespaces].map(([name, facts]) => [name, describeNamespace(facts, redactor)]),
  )
  const nodeName = textAt(request.object, 'spec', 'nodeName')
  const kubelet = snapshot.nodes.versions.get(nodeName)
  const written = {
    path: shownPath,
    review,
    nowMs: request.nowMs,
    seed: request.seed,
  }
  const rerun = runWritten(written, {
    snapshot: { ...snapshot, namespaces: new Map(namesOf(described)) },
    options: context.options,
  })
  if (rerun === undefined) return undefined
  return {
    type: 'review',
    id: context.id,
    at: new Date(request.nowMs).toISOString(),
    ...written,
    cluster: context.cluster.id,
    namespaces: described,
    ...(kubelet !== undefined && { node: { name: nodeName, kubelet } }),
    outcome: describeOutcome(rerun),
    ...(sameOperations(outcome, rerun)
      ? {}
      : {
          answered: {
            kind: outcome.kind,
            code: outcome.code,
            ...(outcome.kind === 'patched' && { operations: outcome.patch.length }),
          },
        }),
  }
}

/** The outcome of a review as a line has it; undefined if the body is not a review. */
export function runWritten(
  written: Pick<ReviewLine, 'path' | 'review' | 'nowMs' | 'seed'>,
  { snapshot, options }: ReplayCluster,
): Outcome | undefined {
  const request = requestOf(written)
  return request === undefined ? undefined : inject(request, snapshot, options)
}

export function requestOf({
  path,
  review,
  nowMs,
  seed,
}: Pick<ReviewLine, 'path' | 'review' | 'nowMs' | 'seed'>): InjectionRequest | undefined {
  const where = parseInjectPath(path)
  const decoded = decodeReview(Buffer.from(JSON.stringify(review)), 'application/json')
  if (where === undefined || decoded.kind === 'failure') return undefined
  return toInjectionRequest(decoded, { ...where, nowMs, seed })
}

export function describeOutcome(outcome: Outcome): RecordedOutcome {
  const { kind, code, decided } = outcome
  return {
    kind,
    code,
    ...(decided !== undefined && { revision: decided.revision }),
    notes: outcome.notes.map((note) => note.code),
    ...(kind === 'patched' && {
      patchDigest: digestJson(outcome.patch.map((operation) => ({ ...operation }))),
      operations: outcome.patch.map((operation) => ({
        op: operation.op,
        path: operation.path,
        ...(operation.op !== 'remove' && { digest: digestJson(operation.value).slice(0, 16) }),
      })),
    }),
  }
}

/** Code and operations, which redaction should not change. */
function sameOperations(real: Outcome, written: Outcome): boolean {
  if (real.code !== written.code || real.decided?.revision !== written.decided?.revision) return false
  if (real.kind !== 'patched' || written.kind !== 'patched') return true
  return (
    real.patch.length === written.patch.length &&
    real.patch.every((operation, i) => operation.op === written.patch[i]?.op)
  )
}

/** The namespace of the review, and the pod's own if it differs. */
function namespacesOf(request: InjectionRequest, snapshot: Snapshot): ReadonlyMap<string, NamespaceFacts> {
  const found = new Map<string, NamespaceFacts>()
  for (const name of [request.namespace, textAt(request.object, 'metadata', 'namespace')]) {
    const facts = snapshot.namespaces.get(name)
    if (facts !== undefined) found.set(name, facts)
  }
  return found
}

function* namesOf(described: ReviewLine['namespaces']): Iterable<[string, NamespaceFacts]> {
  for (const [name, { labels, annotations }] of Object.entries(described)) {
    yield [name, { labels: texts(labels), annotations: texts(annotations) }]
  }
}

function texts(object: JsonObject): ReadonlyMap<string, string> {
  return new Map(Object.entries(object).map(([key, value]) => [key, String(value)]))
}

function textAt(object: JsonObject, section: string, field: string): string {
  const inner = own(object, section)
  const value = isObject(inner) ? own(inner, field) : undefined
  return typeof value === 'string' ? value : ''
}
