/**
 * Processes one review from bytes to answer: path, decode, inject, encode, and the log line. The only place that
 * gives the pure core a clock and randomness. It makes no decisions.
 */
import {
  type Answer,
  answerFailure,
  answerOutcome,
  type DecodedReview,
  decodeReview,
  type InjectPath,
  joinReview,
  parseInjectPath,
  readIdentity,
  toInjectionRequest,
} from '../admission/index.ts'
import type { Recorder } from '../capture/index.ts'
import type { Cluster } from '../cluster/index.ts'
import { describeCode, type InjectionRequest, type Outcome, type Snapshot } from '../inject/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import {
  type Admission,
  type AdmissionMetrics,
  type Logger,
  logDecision,
  NO_REVISION,
  prepareDecision,
  type RepeatedDecision,
  UNKNOWN_REVISION,
} from '../observe/index.ts'
import { finish, type RunSteps, type Steps } from '../steps.ts'
import type { FailedRequest, WebhookAnswer, WebhookHandler, WebhookRequest } from './answer.ts'
import type { AnswerCache, CachedAnswer, CoreAnswer } from './answer-cache.ts'
import { RetryWindow } from './retry-window.ts'

export interface ReviewHandlerOptions {
  readonly cluster: Pick<Cluster, 'snapshot' | 'synced' | 'ensureNamespace'>
  readonly logger: Logger
  readonly metrics: AdmissionMetrics
  /** Whether answers carry warnings, which kubectl prints. */
  readonly warnings: boolean
  /** etcd's limit; 0: no pod is too large. */
  readonly maxStoredBytes?: number
  /** Records answered reviews; it neither throws nor waits. */
  readonly recorder?: Pick<Recorder, 'offer' | 'recording'> | undefined
  /** Undefined: no cache. */
  readonly answerCache?: AnswerCache<Repeated> | undefined
  /** How long the API server is asked to retry a review; a new one by default. */
  readonly retries?: RetryWindow
  injectInSteps(request: InjectionRequest, snapshot: Snapshot): Steps<Outcome>
}

export function createReviewHandler(options: ReviewHandlerOptions): WebhookHandler {
  const { cluster, logger, metrics, warnings, recorder, answerCache, injectInSteps } = options
  const { maxStoredBytes = 0 } = options
  const retries = options.retries ?? new RetryWindow()

  /** Called only for a temporary fault, because it stores the UID. */
  const mayRetry = (code: string, uid: string | undefined, rawUrl: string): boolean =>
    describeCode(code)?.retryAfterSeconds !== undefined && retries.mayRetry(uid, rawUrl)

  /** A negative answer without an outcome. */
  function refuse(failure: Failure, rawUrl: string, began: number): Answer {
    const { code, identity } = failure
    const answer = answerFailure(failure, identity, mayRetry(code, identity.uid, rawUrl))
    const known = describeCode(code)?.kind
    const kind = known === 'fault' || known === 'refused' ? known : 'malformed'
    metrics.countAdmission({ kind, code, revision: NO_REVISION })
    logDecision(logger, {
      ...NOTHING_KNOWN,
      kind,
      code,
      status: answer.status,
      uid: identity.uid,
      micros: microsSince(began),
    })
    return answer
  }

  /** The result of the core. */
  function* decide(review: DecodedReview, path: InjectPath, snapshot: Snapshot): Steps<Decided> {
    let readsAmbient = false
    const [nowMs, seed] = [Date.now(), Math.floor(Math.random() * 2 ** 32)]
    const request = {
      ...toInjectionRequest(review, { ...path, nowMs, seed }),
      get nowMs() {
        readsAmbient = true
        return nowMs
      },
      get seed() {
        readsAmbient = true
        return seed
      },
    }
    const outcome = yield* injectInSteps(request, snapshot)
    yield
    const answer = answerOutcome(outcome, review, { warnings })
    return { review, snapshot, request, outcome, answer, readsAmbient }
  }

  function* answer({ received, review, path, snapshot, began }: Asked): Steps<Answer> {
    const lookup = recorder?.recording === true ? undefined : answerCache?.lookUp(review, received, snapshot)
    if (lookup?.found !== undefined) return answerAgain(review, lookup.found, began)
    const decided = yield* decide(review, path, snapshot)
    yield
    const { request, outcome } = decided
    const tooLate = outcome.kind === 'fault' && !mayRetry(outcome.code, review.uid, received.rawUrl)
    const answer = tooLate ? answerOutcome(outcome, review, { warnings, mayRetry: false }) : decided.answer
    recorder?.offer({ rawUrl: received.rawUrl, body: received.body, snapshot, request, outcome })
    if (lookup !== undefined) answerCache?.offer(lookup, decided, () => repeated(decided))
    metrics.countAdmission(admissionOf(decided))
    metrics.observeInjection((performance.now() - began) / 1000)
    logDecision(logger, { ...describeDecision(decided), uid: review.uid, micros: microsSince(began) })
    return answer
  }

  function repeated(decided: Decided): Repeated {
    return { admission: admissionOf(decided), log: prepareDecision(logger, describeDecision(decided)) }
  }

  /** The answer for a cache hit. */
  function answerAgain(
    { uid }: DecodedReview,
    found: CachedAnswer<Repeated>,
    began: number,
  ): Answer & WebhookAnswer {
    const { status, parts, partsBytes, report } = found
    metrics.countAdmission(report.admission)
    const ms = performance.now() - began
    metrics.observeInjection(ms / 1000)
    report.log(uid, Math.round(ms * 1000))
    const body = joinReview(parts, uid)
    return { status, body, bodyBytes: partsBytes + Buffer.byteLength(JSON.stringify(uid)) }
  }

  /** Uses one snapshot for all steps, even if the cluster changes in between. */
  function* review(request: WebhookRequest, run: RunSteps): Steps<Answer | Promise<Answer>> {
    const began = performance.now()
    const { rawUrl, body } = request
    const path = parseInjectPath(rawUrl)
    if (path === undefined)
      return refuse({ code: 'path-unknown', ...pathFailure(rawUrl, body) }, rawUrl, began)
    const review = decodeReview(body, request.contentType, { maxStoredBytes })
    if (review.kind === 'failure') return refuse(review, rawUrl, began)
    yield
    if (!cluster.synced) return refuse({ code: 'not-synced', identity: review }, rawUrl, began)

    const snapshot = cluster.snapshot()
    // On the other paths the API server has matched the labels already, on newer data than any cache.
    const lacking =
      path.target.by === 'labels' && review.namespace !== '' && !snapshot.namespaces.has(review.namespace)
    const ensured = lacking ? cluster.ensureNamespace(review.namespace) : snapshot
    const asked = { received: request, review, path, began }
    if (!(ensured instanceof Promise)) return yield* answer({ ...asked, snapshot: ensured })
    return ensured.then((found) =>
      found === undefined
        ? refuse({ code: 'namespace-not-read', identity: review }, rawUrl, began)
        : run(answer({ ...asked, snapshot: found })),
    )
  }

  return {
    review: (request, run = finish) => run(review(request, run)),

    fail(request: FailedRequest): Answer {
      const began = performance.now()
      // The path is checked before the method, because a wrong path is the more useful message.
      if (request.fault === 'method-not-allowed' && parseInjectPath(request.rawUrl) === undefined) {
        return refuse(
          { code: 'path-unknown', ...pathFailure(request.rawUrl, request.body) },
          request.rawUrl,
          began,
        )
      }
      return refuse({ code: request.fault, identity: identityOf(request.body) }, request.rawUrl, began)
    },
  }
}

interface Asked {
  readonly received: WebhookRequest
  readonly review: DecodedReview
  readonly path: InjectPath
  readonly snapshot: Snapshot
  readonly began: number
}

interface Decided extends CoreAnswer {
  readonly request: InjectionRequest
}

/** The parts of log line and metrics that all hits of a cached answer share. */
export interface Repeated {
  readonly admission: Admission
  readonly log: (uid: string, micros: number) => void
}

interface Failure {
  readonly code: string
  readonly message?: string
  readonly identity: ReturnType<typeof readIdentity>
}

const NOTHING_KNOWN = {
  namespace: undefined,
  pod: undefined,
  revision: undefined,
  tag: undefined,
  webhook: undefined,
  istioVersion: undefined,
  patchOperations: 0,
  notes: [],
  message: undefined,
} as const

/**
 * The revision's name for the metrics, from a closed set. A path or label may name a revision that does not exist.
 */
function revisionLabel({ kind, decided }: Outcome, snapshot: Snapshot): string {
  if (decided === undefined) return kind === 'fault' ? UNKNOWN_REVISION : NO_REVISION
  return snapshot.revisions.has(decided.revision) ? decided.revision : UNKNOWN_REVISION
}

/** The quoted part of an unknown path. */
const SHOWN_PATH = 200

function pathFailure(rawUrl: string, body: Buffer): Omit<Failure, 'code'> {
  const shown = JSON.stringify(rawUrl.slice(0, SHOWN_PATH))
  const expected = '/inject, /revisions/<revision>/inject or /tags/<tag>/inject'
  return { message: `unknown path ${shown}; expected ${expected}`, identity: identityOf(body) }
}

/** An API server writes UID and version into the first few KB. */
function identityOf(body: Buffer): ReturnType<typeof readIdentity> {
  return readIdentity(body.toString('utf8', 0, 4096))
}

function admissionOf({ outcome, snapshot }: Decided): Admission {
  const { kind, code } = outcome
  const rollout = outcome.decided?.rollout
  return {
    kind,
    code,
    revision: revisionLabel(outcome, snapshot),
    ...(rollout !== undefined && { rollout }),
  }
}

function describeDecision({ review, outcome, answer }: Decided): RepeatedDecision {
  const { decided } = outcome
  return {
    kind: outcome.kind,
    code: outcome.code,
    status: answer.status,
    namespace: review.namespace,
    pod: review.name || nameOf(review.object),
    revision: decided?.revision,
    tag: decided?.tag,
    webhook: decided?.webhook,
    istioVersion: decided?.istioVersion,
    rollout: decided?.rollout,
    patchOperations: outcome.kind === 'patched' ? outcome.patch.length : 0,
    notes: outcome.notes.map((note) => note.code),
    // A refusal's message quotes the pod and is not logged. A fault's message describes Remora's own configuration.
    message: outcome.kind === 'fault' ? outcome.message : undefined,
  }
}

function nameOf(object: JsonObject): string | undefined {
  const metadata = own(object, 'metadata')
  if (!isObject(metadata)) return undefined
  const [name, generated] = [own(metadata, 'name'), own(metadata, 'generateName')]
  return typeof name === 'string' && name !== ''
    ? name
    : typeof generated === 'string'
      ? generated
      : undefined
}

function microsSince(began: number): number {
  return Math.round((performance.now() - began) * 1000)
}
