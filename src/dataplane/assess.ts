/**
 * The assessment of one pod: what it has against what a new pod from the same template would get. It is complete except for
 * fields that other writers may have changed, which settle.ts decides with the other pods.
 */
import { type JsonObject, own } from '../json/index.ts'
import { metadataOf, objectAt, textAt } from '../kube/index.ts'
import type { Assessment } from './assessment.ts'
import { comparePod } from './compare-pod.ts'
import { findGone } from './control-plane.ts'
import { type Desired, desiredRevision, findDesired } from './desired.ts'
import { readEarlierInjection } from './earlier-injection.ts'
import type { LedgerFacts } from './facts.ts'
import { assessGateway } from './gateways.ts'
import type { Injection } from './injection.ts'
import { type MadeFrom, podFromTemplate } from './made-from.ts'
import { findMissingCause } from './missing-cause.ts'
import type { FieldDifference, PodState } from './pod-state.ts'
import { proxyKindOf } from './proxy-kind.ts'
import { differencesState } from './settle.ts'
import { creationMs } from './times.ts'
import { undoInjection } from './undo-injection.ts'

/** Finds what a new pod would get, once for each template. */
export interface DesiredSource {
  desiredFor(template: JsonObject, pod: JsonObject): Desired
}

export function assessPod(
  pod: JsonObject,
  made: MadeFrom,
  { facts, source }: { readonly facts: LedgerFacts; readonly source: DesiredSource },
): Assessment {
  const proxy = proxyKindOf(pod)
  const earlier = readEarlierInjection(pod)
  if (isFinished(pod))
    return {
      proxy,
      actual: earlier?.revision,
      desired: undefined,
      state: { kind: 'finished' },
      sinceChange: false,
    }
  if (proxy === 'ready-made-gateway' || proxy === 'waypoint')
    return waiting(assessGateway(pod, proxy, facts), made)
  if (facts.unreadable !== undefined)
    return {
      proxy,
      actual: earlier?.revision,
      desired: undefined,
      state: { kind: 'unknown', reason: 'desired-unknown', message: facts.unreadable, fields: [] },
      sinceChange: false,
    }
  const desired = findDesiredOf(pod, made, source, facts)
  const revision = desiredRevision(desired)
  const sinceChange = revision !== undefined && isSinceChange(pod, revision, facts)
  const state =
    earlier === undefined
      ? withoutSidecar(pod, desired, facts)
      : withSidecar(pod, desired, { facts, sinceChange })
  return waiting({ proxy, actual: earlier?.revision, desired: revision, state, sinceChange }, made)
}

/** A newer template of the owner explains every difference, and a sidecar that is missing. */
function waiting(assessment: Assessment, { wait }: MadeFrom): Assessment {
  const { state } = assessment
  return wait === undefined ? assessment : { ...assessment, state: { kind: 'rolling', wait, beneath: state } }
}

/** Completed, or being deleted. */
export function isFinished(pod: JsonObject): boolean {
  const phase = textAt(objectAt(pod, 'status'), 'phase')
  return (
    phase === 'Succeeded' || phase === 'Failed' || own(metadataOf(pod), 'deletionTimestamp') !== undefined
  )
}

function findDesiredOf(
  pod: JsonObject,
  { template }: MadeFrom,
  source: DesiredSource,
  facts: LedgerFacts,
): Desired {
  return template === undefined ? findDesired(undoInjection(pod), facts) : source.desiredFor(template, pod)
}

function withoutSidecar(pod: JsonObject, desired: Desired, { webhooks }: LedgerFacts): PodState {
  switch (desired.kind) {
    case 'sidecar':
      return findMissingCause(pod, desired.injection.submitted, webhooks)
    case 'none':
      return { kind: 'outside', code: desired.code }
    default:
      return withoutResult(desired)
  }
}

function withoutResult(desired: Exclude<Desired, { readonly kind: 'sidecar' | 'none' }>): PodState {
  if (desired.kind === 'unserved') return { kind: 'unserved', code: desired.code, asked: desired.asked }
  return {
    kind: 'unknown',
    reason: desired.kind === 'refused' ? 'next-pod-refused' : 'configuration-unusable',
    message: `${desired.code}: ${desired.message}`,
    fields: [],
  }
}

function withSidecar(
  pod: JsonObject,
  desired: Desired,
  { facts, sinceChange }: { readonly facts: LedgerFacts; readonly sinceChange: boolean },
): PodState {
  const gone = findGone(pod, facts)
  if (gone !== undefined) return gone
  switch (desired.kind) {
    case 'sidecar':
      return differencesState(compareWithVariants(pod, desired.injection, facts), sinceChange)
    case 'none':
      return { kind: 'unexpected', code: desired.code }
    default:
      return withoutResult(desired)
  }
}

/**
 * Another webhook may have added containers, ports or annotations before injection, which injection then read. So a
 * difference counts only if injecting the pod with those additions does not explain it.
 */
function compareWithVariants(
  pod: JsonObject,
  injection: Injection,
  facts: LedgerFacts,
): readonly FieldDifference[] {
  const found = comparePod(pod, injection)
  if (found.every(({ cause, writer }) => cause === 'revision' || writer === 'other')) return found
  const variant = findDesired(withAdditions(pod, injection.submitted), facts)
  if (variant.kind !== 'sidecar' || variant.injection.revision !== injection.revision) return found
  const remaining = new Set(comparePod(pod, variant.injection).map(({ path }) => path))
  return found.filter(({ path, cause }) => cause === 'revision' || remaining.has(path))
}

/** The running pod with its injection undone; what its template states counts as there. */
function withAdditions(pod: JsonObject, submitted: JsonObject): JsonObject {
  const undone = undoInjection(pod)
  const metadata = metadataOf(submitted)
  const merged = (key: 'labels' | 'annotations') => ({
    ...withoutRevision(objectAt(metadataOf(undone), key)),
    ...objectAt(metadata, key),
  })
  return {
    ...undone,
    metadata: { ...metadata, labels: merged('labels'), annotations: merged('annotations') },
  }
}

function withoutRevision(map: JsonObject): JsonObject {
  const { 'istio.io/rev': _, ...rest } = map
  return rest
}

/** How long an injector may serve the configuration before a change. */
const PROPAGATION_MS = 120_000

function isSinceChange(pod: JsonObject, revision: string, facts: LedgerFacts): boolean {
  const [created, changed] = [
    creationMs(pod),
    facts.changedMs(revision, textAt(metadataOf(pod), 'namespace')),
  ]
  return created !== undefined && changed !== undefined && created > changed + PROPAGATION_MS
}

/** Caches the result for each template by the identity of the object, so that an object that is read again is evaluated again. */
export class DesiredCache implements DesiredSource {
  readonly #facts: LedgerFacts
  readonly #desired = new WeakMap<JsonObject, Map<string, Desired>>()

  constructor(facts: LedgerFacts) {
    this.#facts = facts
  }

  desiredFor(template: JsonObject, pod: JsonObject): Desired {
    // Istio reads the workload's name from the owner only if the name is generated.
    const { generateName, name } = metadataOf(pod)
    const key = typeof generateName === 'string' || typeof name !== 'string' ? '' : name
    const byName = this.#desired.get(template) ?? new Map<string, Desired>()
    const desired = byName.get(key) ?? findDesired(podFromTemplate(template, pod), this.#facts)
    this.#desired.set(template, byName.set(key, desired))
    return desired
  }
}
