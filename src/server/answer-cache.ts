/**
 * Caches whole answers for reviews with the same key (src/admission/answer-key.ts). An answer may be used again
 * because:
 *
 * - only answers to admitted pods are stored, from the second pod of a workload on;
 * - the core read neither clock nor randomness for it, and the pod's node did not affect it;
 * - it does not depend on the pod's token volume: no template reads volumes, the patch does not mention it, and its
 * volume and mounts are unchanged;
 * - it is used with the snapshot that it was made with, or with one in which everything it depends on is the same.
 */
import { hash } from 'node:crypto'
import {
  type Answer,
  answerKey,
  type DecodedReview,
  encodePatch,
  type ReviewParts,
  TOKEN_VOLUME,
  tokenItems,
} from '../admission/index.ts'
import { type CacheCounts, FairCache, fingerprint, memoryOfText, SeenBefore } from '../cache/index.ts'
import type { NamespaceFacts, Outcome, RevisionConfig, Snapshot } from '../inject/index.ts'
import { equalJson, isObject, type JsonObject, own } from '../json/index.ts'
import { decodePod } from '../kube/index.ts'
import { changedProxyConfigs, emptySnapshot, sameDependencies } from '../revisions/index.ts'

export interface CachedAnswer<T> {
  readonly status: number
  readonly parts: ReviewParts
  /** Of both parts in UTF-8. */
  readonly partsBytes: number
  /** The part of log line and metrics that is the same for each hit; made once, by the handler. */
  readonly report: T
}

/** The result of a lookup. */
export interface Lookup<T> {
  readonly key: string
  readonly tenant: string
  readonly tokenVolume: string | undefined
  /** Undefined on a miss: call the core, and offer its answer. */
  readonly found: CachedAnswer<T> | undefined
}

/** A review and the core's answer. */
export interface CoreAnswer {
  readonly review: DecodedReview
  readonly snapshot: Snapshot
  readonly outcome: Outcome
  readonly answer: Answer
  /** Whether the core read the clock or the seed of the request. */
  readonly readsAmbient: boolean
}

interface Entry<T> extends CachedAnswer<T> {
  readonly revision: string | undefined
  readonly config: RevisionConfig | undefined
  readonly namespace: string
  readonly facts: NamespaceFacts | undefined
  /** The revision that a rollout started from, and its configuration; it decides what counts as a gateway. */
  readonly source: string | undefined
  readonly sourceConfig: RevisionConfig | undefined
}

/** Bytes of a body. Encoding and hashing a larger one would cost more than a hit is likely to save. */
const MAX_BODY_BYTES = 256 * 1024
/** V8 hashes longer texts by their length alone, and would compare all keys of one length. */
const MAX_KEY_LENGTH = 16_000
/** Characters of a name; Kubernetes allows 253, and a hash of the workload comes before the end. */
const NAME_LENGTH = 80
/** Bytes of an entry in addition to its texts: objects and the prepared log line. */
const ENTRY_BYTES = 1_024

export class AnswerCache<T> {
  readonly #cache: FairCache<Entry<T>>
  readonly #seen = new SeenBefore({ tables: 128, slots: 4_096 })
  #snapshot: Snapshot = emptySnapshot
  #lookups = 0

  constructor(maxBytes: number) {
    this.#cache = new FairCache(maxBytes)
  }

  get counts(): CacheCounts {
    const { counts } = this.#cache
    return { ...counts, misses: this.#lookups - counts.hits }
  }

  /**
   * Undefined for the first pod of a workload: the name is enough to know that, and encoding the whole pod would cost
   * more.
   */
  lookUp(
    review: DecodedReview,
    { rawUrl, body }: { readonly rawUrl: string; readonly body: Uint8Array },
    snapshot: Snapshot,
  ): Lookup<T> | undefined {
    if (snapshot !== this.#snapshot) this.#moveTo(snapshot)
    this.#lookups++
    const { namespace } = review
    const tenant = snapshot.namespaces.has(namespace) ? namespace : ''
    if (!this.#seen.note(tenant, workloadNumber(review)) || body.length > MAX_BODY_BYTES) return undefined
    // Nodes are in the key and no reason to clear: if a node's version flips back and forth, the answers for both stay.
    const encoded = answerKey(review, [rawUrl, snapshot.nodes.allSupportNativeSidecars])
    if (encoded === undefined) return undefined
    const { text, tokenVolume } = encoded
    // A hash takes longer than the look-up of a text of a usual pod's size. A text begins with a bracket, a hash does not.
    const key = text.length <= MAX_KEY_LENGTH ? text : hash('sha256', text, 'base64')
    return { key, tenant, tokenVolume, found: this.#cache.get(key, tenant) }
  }

  /** Offers the core's answer; it is stored if it holds for every review with this key. */
  offer({ key, tenant, tokenVolume }: Lookup<T>, core: CoreAnswer, report: () => T): void {
    const { review, snapshot, outcome, answer } = core
    const { parts } = answer
    if (parts === undefined || snapshot !== this.#snapshot) return
    const revision = outcome.decided?.revision
    const config = configOf(snapshot, revision)
    if (!holdsForKey(core, config) || !hidesToken(core, tokenVolume, config)) return
    const { namespace } = review
    const source = outcome.decided?.rollout?.from
    const entry = {
      status: answer.status,
      parts: flat(parts),
      partsBytes: Buffer.byteLength(parts.head) + Buffer.byteLength(parts.tail),
      report: report(),
      revision,
      config,
      namespace,
      facts: snapshot.namespaces.get(namespace),
      source,
      sourceConfig: configOf(snapshot, source),
    }
    this.#cache.put(key, tenant, entry, memoryOfText(parts.head) + memoryOfText(parts.tail) + ENTRY_BYTES)
  }

  /** Removes invalid entries at once, so that they do not keep an old configuration in memory. */
  #moveTo(snapshot: Snapshot): void {
    if (!sameDependencies(this.#snapshot, snapshot)) this.#cache.clear()
    else {
      const changed = changedProxyConfigs(this.#snapshot, snapshot)
      this.#cache.keepOnly(
        ({ revision, config, namespace, facts, source, sourceConfig }) =>
          configOf(snapshot, revision) === config &&
          configOf(snapshot, source) === sourceConfig &&
          snapshot.namespaces.get(namespace) === facts &&
          !changed.has(namespace) &&
          !changed.has(config?.mesh.rootNamespace ?? ''),
      )
    }
    this.#snapshot = snapshot
  }
}

/** Equal for the pods of one workload. Equal numbers may be a coincidence. */
function workloadNumber({ namespace, object }: DecodedReview): number {
  const metadata = own(object, 'metadata')
  if (!isObject(metadata)) return fingerprint(namespace)
  const [generated, name] = [own(metadata, 'generateName'), own(metadata, 'name')]
  const text = typeof generated === 'string' ? generated : typeof name === 'string' ? name : ''
  return fingerprint(text.slice(0, NAME_LENGTH), fingerprint(namespace))
}

function configOf({ revisions }: Snapshot, revision: string | undefined): RevisionConfig | undefined {
  return revision === undefined ? undefined : revisions.get(revision)?.config
}

function holdsForKey(
  { review, outcome, readsAmbient }: CoreAnswer,
  config: RevisionConfig | undefined,
): boolean {
  if (readsAmbient) return false
  return outcome.kind === 'skipped' || (config !== undefined && dependsOnOwnNamespaceOnly(review))
}

/** The comparison leaves out the pod's node, and metadata and ProxyConfigs of other namespaces. */
function dependsOnOwnNamespaceOnly({ object, namespace }: DecodedReview): boolean {
  const pod = decodePod(object) // it was decoded when it was injected
  const [metadata, spec] = [own(pod, 'metadata'), own(pod, 'spec')]
  const nodeName = isObject(spec) ? own(spec, 'nodeName') : undefined
  if (nodeName !== undefined && nodeName !== '') return false
  const named = isObject(metadata) ? own(metadata, 'namespace') : undefined
  return named === undefined || named === '' || named === namespace
}

/** Whether the answer is independent of the random suffix of the token volume's name. */
function hidesToken(
  { review, outcome, answer }: CoreAnswer,
  tokenVolume: string | undefined,
  config: RevisionConfig | undefined,
): boolean {
  if (tokenVolume === undefined) return true
  const { head = '', tail = '' } = answer.parts ?? {}
  if (head.includes(TOKEN_VOLUME) || tail.includes(TOKEN_VOLUME)) return false
  if (outcome.kind !== 'patched') return outcome.kind === 'skipped'
  if (config === undefined || config.mayReadVolumes) return false
  // The answer contains it in base64.
  if (encodePatch(outcome.patch, outcome.constants).includes(TOKEN_VOLUME)) return false
  return sameItems(tokenItems(review.object, tokenVolume), tokenItems(outcome.pod, tokenVolume))
}

function sameItems(before: readonly JsonObject[], after: readonly JsonObject[]): boolean {
  return before.length === after.length && before.every((item, i) => equalJson(item, after[i] ?? null))
}

/** V8 keeps the parts of a concatenated string. This makes a flat copy. */
function flat(parts: ReviewParts): ReviewParts {
  return JSON.parse(JSON.stringify(parts)) as ReviewParts // strings stay strings
}
