/** Runs one captured review, plain review or audit event again, and compares the result with the recorded one. */
import { decodeReview, toInjectionRequest } from '../admission/index.ts'
import { type InjectionRequest, inject, type Outcome } from '../inject/index.ts'
import { equalJson, isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { applyPatch, type JsonPatchOperation } from '../jsonpatch/index.ts'
import { missingFrom, podDifferences } from '../kube/index.ts'
import type { RecordedOutcome, ReviewLine } from './format.ts'
import type { ReplayCluster } from './rebuild-snapshot.ts'
import { describeOutcome, requestOf } from './record-review.ts'

export type Verdict =
  | { readonly kind: 'same'; readonly code: string }
  /** Results with equal causes form one group. */
  | { readonly kind: 'differs'; readonly code: string; readonly cause: string }
  /** There is nothing to compare with. */
  | { readonly kind: 'unrecorded'; readonly code: string }
  /** Its configuration or cluster is missing. */
  | { readonly kind: 'error'; readonly cause: string }
  /** An audit event that creates no pod, or has no bodies. */
  | { readonly kind: 'passed-over'; readonly cause: string }

/** With the captured configuration. */
export function replayCaptured(line: ReviewLine, captured: ReplayCluster): Verdict {
  const request = requestOf(line)
  if (request === undefined) return { kind: 'error', cause: 'the line holds no AdmissionReview' }
  const now = describeOutcome(run(request, captured))
  return verdictOf(now.code, differenceToRecord(line.outcome, now))
}

/** With another configuration. If the captured one is known too, the differing fields can be named. */
export function replayUnder(
  line: ReviewLine,
  other: ReplayCluster,
  captured: ReplayCluster | undefined,
): Verdict {
  const request = requestOf(line)
  if (request === undefined) return { kind: 'error', cause: 'the line holds no AdmissionReview' }
  const now = run(request, other)
  if (captured === undefined) {
    const described = describeOutcome(now)
    return verdictOf(described.code, differenceToRecord(line.outcome, described))
  }
  return verdictOf(now.code, differenceOfOutcomes(run(request, captured), now, request.object))
}

/** A review that another tool logged; compared with its `response`, if it has one. */
export function replayPlain(review: JsonObject, cluster: ReplayCluster, nowMs: number): Verdict {
  const decoded = decodeReview(Buffer.from(JSON.stringify(review)), 'application/json')
  if (decoded.kind === 'failure') return { kind: 'error', cause: `${decoded.code}: ${decoded.message}` }
  const outcome = run(
    toInjectionRequest(decoded, { target: { by: 'labels' }, proxyEnv: new Map(), nowMs, seed: 0 }),
    cluster,
  )
  const response = own(review, 'response')
  if (!isObject(response)) return { kind: 'unrecorded', code: outcome.code }
  return verdictOf(outcome.code, differenceToResponse(outcome, decoded.object, response))
}

/** Compares only what injection adds: the rest of the created pod comes from defaulting and other plugins. */
export function replayAudit(event: JsonObject, cluster: ReplayCluster, nowMs: number): Verdict {
  const request = requestOfEvent(event, nowMs)
  if (typeof request === 'string') return { kind: 'passed-over', cause: request }
  const created = own(event, 'responseObject')
  const outcome = run(request, cluster)
  if (!isObject(created) || own(created, 'kind') === 'Status')
    return { kind: 'passed-over', cause: 'no pod was created' }
  const had = containerNames(created).has('istio-proxy') && !containerNames(request.object).has('istio-proxy')
  if (outcome.kind !== 'patched')
    return verdictOf(outcome.code, had ? `${outcome.code}, but the created pod has istio-proxy` : undefined)
  const missing = missingFrom(addedBy(outcome.pod, request.object), created)
  return verdictOf(outcome.code, describePaths('the created pod lacks or has different values for', missing))
}

function run(request: InjectionRequest, { snapshot, options }: ReplayCluster): Outcome {
  return inject(request, snapshot, options)
}

function verdictOf(code: string, cause: string | undefined): Verdict {
  return cause === undefined ? { kind: 'same', code } : { kind: 'differs', code, cause }
}

function differenceToRecord(before: RecordedOutcome, now: RecordedOutcome): string | undefined {
  const decision = differenceOfDecisions(before, now)
  if (decision !== undefined) return decision
  if (before.patchDigest === now.patchDigest) return undefined
  const key = ({ op, path, digest }: { op: string; path: string; digest?: string }): string =>
    `${op} ${path} ${digest ?? ''}`
  const [old, fresh] = [before.operations ?? [], now.operations ?? []]
  const [oldKeys, freshKeys] = [new Set(old.map(key)), new Set(fresh.map(key))]
  const changed = [
    ...old.filter((one) => !freshKeys.has(key(one))),
    ...fresh.filter((one) => !oldKeys.has(key(one))),
  ].map(({ path }) => path)
  const paths = [...new Set(changed)]
  return describePaths('patch', paths.length === 0 ? ['order of operations'] : paths)
}

function differenceOfOutcomes(before: Outcome, now: Outcome, object: JsonObject): string | undefined {
  const decision = differenceOfDecisions(
    { code: before.code, revision: before.decided?.revision },
    { code: now.code, revision: now.decided?.revision },
  )
  const [a, b] = [podOf(before, object), podOf(now, object)]
  const fields = describePaths('pod', podDifferences(a, b))
  return decision === undefined ? fields : fields === undefined ? decision : `${decision}; ${fields}`
}

interface Decided {
  readonly code: string
  readonly revision?: string | undefined
}

function differenceOfDecisions(before: Decided, now: Decided): string | undefined {
  const parts = [
    ...(before.code === now.code ? [] : [`${before.code} -> ${now.code}`]),
    ...(before.revision === now.revision
      ? []
      : [`revision ${before.revision ?? 'none'} -> ${now.revision ?? 'none'}`]),
  ]
  return parts.length === 0 ? undefined : parts.join(', ')
}

function differenceToResponse(
  outcome: Outcome,
  object: JsonObject,
  response: JsonObject,
): string | undefined {
  const allowed = own(response, 'allowed') === true
  const nowAllowed = outcome.kind === 'patched' || outcome.kind === 'skipped'
  if (allowed !== nowAllowed)
    return `${allowed ? 'allowed' : 'refused'} -> ${outcome.code} (${nowAllowed ? 'allowed' : 'refused'})`
  if (!allowed) return undefined
  const then = patchedBy(response, object)
  if (then === undefined) return 'the patch of the recorded response cannot be applied'
  return describePaths('pod', podDifferences(then, podOf(outcome, object)))
}

/** The pod after the patch of a response; undefined if the patch is invalid. */
export function patchedBy(response: JsonObject, object: JsonObject): JsonValue | undefined {
  const patch = own(response, 'patch')
  if (typeof patch !== 'string') return object
  try {
    const operations = parseJson(Buffer.from(patch, 'base64').toString('utf8'), { maxBytes: 2 ** 26 })
    // An invalid operation makes `apply` throw.
    return applyPatch(object, operations as unknown as readonly JsonPatchOperation[])
  } catch {
    return undefined
  }
}

function podOf(outcome: Outcome, object: JsonObject): JsonObject {
  return outcome.kind === 'patched' ? outcome.pod : object
}

/** The maximum number of fields in a cause. */
const SHOWN_PATHS = 12

function describePaths(what: string, paths: readonly string[]): string | undefined {
  if (paths.length === 0) return undefined
  const shown = [...paths].sort().slice(0, SHOWN_PATHS).join(', ')
  return `${what}: ${shown}${paths.length > SHOWN_PATHS ? `, and ${paths.length - SHOWN_PATHS} more` : ''}`
}

/** The request that the API server would have sent, or the reason why there is none. */
function requestOfEvent(event: JsonObject, nowMs: number): InjectionRequest | string {
  const ref = own(event, 'objectRef')
  const creates = own(event, 'verb') === 'create' && isObject(ref) && own(ref, 'resource') === 'pods'
  if (!isObject(ref) || !creates || (own(ref, 'subresource') ?? '') !== '') return 'creates no pod'
  if (own(event, 'stage') !== undefined && own(event, 'stage') !== 'ResponseComplete')
    return 'not the stage ResponseComplete'
  const object = own(event, 'requestObject')
  if (!isObject(object) || own(event, 'responseObject') === undefined)
    return 'no bodies: the level is not RequestResponse'
  return {
    target: { by: 'labels' },
    namespace: String(own(ref, 'namespace') ?? ''),
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subResource: '',
    object,
    proxyEnv: new Map(),
    nowMs,
    seed: 0,
  }
}

function containerNames(pod: JsonObject): ReadonlySet<string> {
  const spec = own(pod, 'spec')
  const names = new Set<string>()
  for (const field of ['containers', 'initContainers']) {
    const list = isObject(spec) ? own(spec, field) : undefined
    for (const item of Array.isArray(list) ? list : []) {
      if (isObject(item)) names.add(String(own(item, 'name')))
    }
  }
  return names
}

/** The part of the pod that injection added: whole containers and volumes, labels, annotations. */
function addedBy(after: JsonObject, before: JsonObject): JsonObject {
  const part = (path: readonly string[], value: JsonValue): JsonObject =>
    path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value) as JsonObject
  const spec: { [key: string]: JsonValue } = {}
  for (const field of ['containers', 'initContainers', 'volumes']) {
    const old = new Set(itemsAt(before, field).map((item) => own(item, 'name')))
    const added = itemsAt(after, field).filter((item) => !old.has(own(item, 'name')))
    if (added.length > 0) spec[field] = added
  }
  const metadata: { [key: string]: JsonValue } = {}
  for (const field of ['labels', 'annotations']) {
    const [old, now] = [mapAt(before, field), mapAt(after, field)]
    const added = Object.entries(now).filter(([key, value]) => !equalJson(own(old, key), value))
    if (added.length > 0) metadata[field] = Object.fromEntries(added)
  }
  return { ...part(['metadata'], metadata), ...part(['spec'], spec) }
}

function itemsAt(pod: JsonObject, field: string): readonly JsonObject[] {
  const spec = own(pod, 'spec')
  const list = isObject(spec) ? own(spec, field) : undefined
  return Array.isArray(list) ? list.filter(isObject) : []
}

function mapAt(pod: JsonObject, field: string): JsonObject {
  const metadata = own(pod, 'metadata')
  const map = isObject(metadata) ? own(metadata, field) : undefined
  return isObject(map) ? map : {}
}
