/**
 * Owns: answers given again without asking the core, to reviews that differ from an earlier one only in places that
 * decide nothing (src/admission/review-slots.ts), and the rules for when that is the same answer:
 *
 * - an answer is taken in at the second sight of a workload, and only if it says word for word what the core answers to
 *   the same review with other things in its places; pods of one workload that differ elsewhere are tried a few times;
 * - what is not told by that trial is told by what the templates may read: no clock, no chance, no volumes;
 * - it is given for the snapshot that it was made with, or for one in which all that it depends on is the same.
 *
 * Whatever fits no rule goes the plain way, which is the core's own (review-handler.ts).
 */
import { hash, randomUUID } from 'node:crypto'
import {
  type Answer,
  type AnswerForm,
  type CutReview,
  cutReview,
  type DecodedReview,
  fillForm,
  formOf,
  refillReview,
  TOKEN_VOLUME,
  workloadMark,
} from '../admission/index.ts'
import {
  emptySnapshot,
  type NamespaceFacts,
  type Outcome,
  type RevisionConfig,
  type Snapshot,
  sameGround,
} from '../inject/index.ts'
import { isObject, type JsonValue, own } from '../json/index.ts'
import { decodePod } from '../kube/index.ts'
import type { WebhookRequest } from './answer.ts'
import { BoundedMemo, type MemoCounts } from './bounded-memo.ts'
import { WorkloadsSeen } from './workloads-seen.ts'

export interface RememberedOptions {
  /** Of all answers that are kept, with their keys. */
  readonly maxBytes: number
  readonly maxEntries?: number
}

export interface Remembered<T> {
  readonly form: AnswerForm
  /** What a hit tells log and metrics; made once, by the handler. */
  readonly told: T
}

/** A review that was looked up. */
export interface Lookup<T> {
  /** Of the workload. */
  readonly mark: number
  readonly cut: CutReview
  readonly key: string
  readonly text: string
  /** What is remembered; undefined: go the plain way, and offer what came of it. */
  readonly found: Remembered<T> | undefined
  /** It was tried once, and is not to be remembered. */
  readonly declined: boolean
}

/** A review that went the plain way. */
export interface PlainAnswer {
  readonly review: DecodedReview
  readonly snapshot: Snapshot
  readonly outcome: Outcome
  readonly answer: Answer
}

interface Entry<T> {
  readonly remembered: Remembered<T> | undefined
  readonly revision: string | undefined
  readonly config: RevisionConfig | undefined
  readonly namespace: string
  readonly facts: NamespaceFacts | undefined
}

const MAX_ENTRIES = 4096
/** Marks of workloads, in each of two generations. */
const MAX_SEEN = 8192
/** V8 hashes longer texts by their length alone, so many of one length would be compared one by one. */
const MAX_KEY_LENGTH = 16_000
/** Of an entry beside its texts, about: objects, the prepared line of the log, its place in the map. */
const ENTRY_BYTES = 1_024
/** An entry that says only that there is nothing to remember. */
const DECLINED_BYTES = 256
const OTHER_TIME = '2001-02-03T04:05:06Z'

export class RememberedAnswers<T> {
  readonly #memo: BoundedMemo<Entry<T>>
  readonly #seen = new WorkloadsSeen(MAX_SEEN)
  #snapshot: Snapshot = emptySnapshot

  constructor({ maxBytes, maxEntries = MAX_ENTRIES }: RememberedOptions) {
    this.#memo = new BoundedMemo({ maxBytes, maxEntries })
  }

  get counts(): MemoCounts {
    return this.#memo.counts
  }

  /**
   * Undefined where the review does not look like an API server's, or is the first one of its workload: that is told by
   * a few bytes, since cutting and hashing the whole would cost a tenth of the plain way (32 of 305 us).
   */
  look({ rawUrl, contentType, body }: WebhookRequest, snapshot: Snapshot): Lookup<T> | undefined {
    if (snapshot !== this.#snapshot) this.#moveTo(snapshot)
    const mark = workloadMark(body)
    if (mark === undefined) return undefined
    if (!this.#seen.meet(mark)) {
      this.#memo.countMiss()
      return undefined
    }
    // A character a byte: what is no UTF-8 stays apart from what it would be read as.
    const text = body.toString('latin1')
    const cut = cutReview(text)
    if (cut === undefined) return undefined
    // Neither URL nor header can have a line break in it.
    const whole = `${rawUrl}\n${contentType ?? ''}\n${cut.rest}`
    const key = whole.length <= MAX_KEY_LENGTH ? whole : hash('sha256', whole, 'base64')
    const entry = this.#memo.get(key)
    const found = entry?.remembered
    if (found === undefined) this.#memo.countMiss()
    else {
      this.#memo.countHit()
      this.#seen.served(mark)
    }
    return { mark, cut, key, text, found, declined: entry !== undefined }
  }

  /**
   * Offers what the plain way answered.
   * @param told what is to be given back with it, later
   * @param again the plain way, for the trial; what it throws only means that nothing is remembered
   */
  offer(
    lookup: Lookup<T>,
    plain: PlainAnswer,
    told: () => T,
    again: (body: Buffer) => Answer | undefined,
  ): void {
    const { mark, key, declined } = lookup
    if (declined || plain.snapshot !== this.#snapshot) return
    if (!this.#seen.mayTry(mark)) return
    const { review, snapshot, outcome } = plain
    const revision = outcome.decided?.revision
    const entry = {
      revision,
      config: configOf(snapshot, revision),
      namespace: review.namespace,
      facts: snapshot.namespaces.get(review.namespace),
    }
    const form = this.#formFor(lookup, plain, again)
    if (form === undefined) {
      this.#memo.put(key, { ...entry, remembered: undefined }, key.length + DECLINED_BYTES)
      return
    }
    const texts = form.before.length + form.after.length + (form.patch?.json.length ?? 0)
    this.#memo.put(key, { ...entry, remembered: { form, told: told() } }, key.length + texts + ENTRY_BYTES)
  }

  #formFor(
    { cut, text }: Lookup<T>,
    plain: PlainAnswer,
    again: (body: Buffer) => Answer | undefined,
  ): AnswerForm | undefined {
    if (!isKnownToHold(cut, plain)) return undefined
    const form = formOf(plain.answer, plain.outcome, cut)
    if (form === undefined) return undefined
    const other = { uid: randomUUID(), suffix: otherSuffix(cut.suffix), time: OTHER_TIME }
    const trial = refillReview(text, cut, other)
    try {
      const answered = again(Buffer.from(trial, 'latin1'))
      const foretold = fillForm(form, other)
      return answered?.body === foretold.body && answered.status === foretold.status ? form : undefined
    } catch {
      // The review itself was answered well; a defect that only the trial met is no reason to fail it.
      return undefined
    }
  }

  /** What holds no longer goes at once, so that an old configuration is not kept in memory for it. */
  #moveTo(snapshot: Snapshot): void {
    if (!sameGround(this.#snapshot, snapshot)) this.#memo.clear()
    else {
      this.#memo.keepOnly(
        ({ revision, config, namespace, facts }) =>
          configOf(snapshot, revision) === config && snapshot.namespaces.get(namespace) === facts,
      )
    }
    this.#seen.forgetTries()
    this.#snapshot = snapshot
  }
}

function configOf({ revisions }: Snapshot, revision: string | undefined): RevisionConfig | undefined {
  return revision === undefined ? undefined : revisions.get(revision)?.config
}

/** All that the trial with one other review cannot tell for every other one. */
function isKnownToHold(cut: CutReview, { review, snapshot, outcome, answer }: PlainAnswer): boolean {
  // A fault passes. What asks to be tried again is none to remember either.
  if (outcome.kind === 'fault' || answer.retryAfterSeconds !== undefined) return false
  if (review.uid !== cut.uid) return false
  if (cut.timesAt.length > 0 && cut.timesAt.length !== timesOf(review)) return false
  const config = configOf(snapshot, outcome.decided?.revision)
  const rendered = config !== undefined && outcome.kind !== 'skipped'
  if (rendered && [...config.templates.values()].some(({ impure }) => impure)) return false
  if (rendered && !dependsOnOwnPodOnly(review, config)) return false
  if (cut.suffixesAt.length === 0) return true
  if (rendered && config.mayReadVolumes) return false
  return cut.suffixesAt.length === volumeNamesOf(review, cut) && !holdsElsewhere(review, cut)
}

/** Which node a pod is on and, on OpenShift, another namespace's facts are not watched here. */
function dependsOnOwnPodOnly({ object, namespace }: DecodedReview, { openShift }: RevisionConfig): boolean {
  let pod: ReturnType<typeof decodePod>
  try {
    pod = decodePod(object)
  } catch {
    // Refused for that, before anything else was looked at; but nothing is gained by keeping it.
    return false
  }
  const [metadata, spec] = [own(pod, 'metadata'), own(pod, 'spec')]
  const nodeName = isObject(spec) ? own(spec, 'nodeName') : undefined
  if (nodeName !== undefined && nodeName !== '') return false
  const named = isObject(metadata) ? own(metadata, 'namespace') : undefined
  return !openShift || named === undefined || named === '' || named === namespace
}

function listAt(value: JsonValue | undefined, ...path: readonly string[]): readonly JsonValue[] {
  let at = value
  for (const name of path) at = isObject(at) ? own(at, name) : undefined
  return Array.isArray(at) ? at : []
}

function timesOf({ object }: DecodedReview): number {
  const entries = listAt(object, 'metadata', 'managedFields')
  return entries.filter((entry) => isObject(entry) && typeof own(entry, 'time') === 'string').length
}

/** Volumes and mounts of the name that was cut. */
function volumeNamesOf({ object }: DecodedReview, { suffix }: CutReview): number {
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((field) =>
    listAt(object, 'spec', field),
  )
  const named = [
    ...listAt(object, 'spec', 'volumes'),
    ...containers.flatMap((container) => listAt(container, 'volumeMounts')),
  ]
  return named.filter((one) => isObject(one) && own(one, 'name') === TOKEN_VOLUME + suffix).length
}

/** Written with escapes the name would not be found in the text, nor in a text within the text. */
function holdsElsewhere({ object }: DecodedReview, { suffixesAt }: CutReview): boolean {
  const text = JSON.stringify(object)
  return text.split(TOKEN_VOLUME).length - 1 !== suffixesAt.length || /\\\\[uUx]/.test(text)
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

function otherSuffix(suffix: string): string {
  if (suffix === '') return ''
  for (;;) {
    const other = Array.from(
      { length: suffix.length },
      () => LETTERS[Math.floor(Math.random() * LETTERS.length)],
    )
    if (other.join('') !== suffix) return other.join('')
  }
}
