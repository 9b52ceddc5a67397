/**
 * Owns: one review's way from bytes to answer: path, decode, inject, encode, and the line in the log. The only place
 * where the pure core meets clock and chance. Not here: any decision.
 */
import {
  type Answer,
  answerFailure,
  answerOutcome,
  type DecodedReview,
  decodeReview,
  type InjectPath,
  parseInjectPath,
  readIdentity,
  toInjectionRequest,
} from '../admission/index.ts'
import type { Recorder } from '../capture/index.ts'
import type { Cluster } from '../cluster/index.ts'
import { describeCode, type InjectionRequest, type Outcome, type Snapshot } from '../inject/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import {
  type AdmissionMetrics,
  type Decision,
  type Logger,
  logDecision,
  NO_REVISION,
  UNKNOWN_REVISION,
} from '../observe/index.ts'
import type { FailedRequest, WebhookHandler, WebhookRequest } from './answer.ts'

export interface ReviewHandlerOptions {
  readonly cluster: Pick<Cluster, 'snapshot' | 'synced' | 'ensureNamespace'>
  readonly logger: Logger
  readonly metrics: AdmissionMetrics
  /** Whether answers carry warnings, which kubectl prints. */
  readonly warnings: boolean
  /** Records what was answered; it neither throws nor waits. */
  readonly recorder?: Pick<Recorder, 'offer'> | undefined
  inject(request: InjectionRequest, snapshot: Snapshot): Outcome
}

export function createReviewHandler(options: ReviewHandlerOptions): WebhookHandler {
  const { cluster, logger, metrics, warnings, recorder, inject } = options

  /** A No that no outcome stands behind. */
  function refuse(failure: Failure, began: number): Answer {
    const answer = answerFailure(failure, failure.identity)
    const known = describeCode(failure.code)?.kind
    const kind = known === 'fault' || known === 'refused' ? known : 'malformed'
    metrics.countAdmission({ kind, code: failure.code, revision: NO_REVISION })
    logDecision(logger, {
      ...NOTHING_KNOWN,
      kind,
      code: failure.code,
      status: answer.status,
      uid: failure.identity.uid,
      micros: microsSince(began),
    })
    return answer
  }

  function answer({ received, review, path, snapshot, began }: Asked): Answer {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const request = toInjectionRequest(review, { ...path, nowMs: Date.now(), seed })
    const outcome = inject(request, snapshot)
    const answer = answerOutcome(outcome, review, { warnings })
    recorder?.offer({ rawUrl: received.rawUrl, body: received.body, snapshot, request, outcome })
    const { kind, code } = outcome
    metrics.countAdmission({ kind, code, revision: revisionLabel(outcome, snapshot) })
    metrics.observeInjection((performance.now() - began) / 1000)
    logDecision(
      logger,
      describeDecision({ review, outcome, status: answer.status, micros: microsSince(began) }),
    )
    return answer
  }

  return {
    review(request: WebhookRequest): Answer | Promise<Answer> {
      const began = performance.now()
      const path = parseInjectPath(request.rawUrl)
      if (path === undefined)
        return refuse({ code: 'path-unknown', ...pathFailure(request.rawUrl, request.body) }, began)
      const review = decodeReview(request.body, request.contentType)
      if (review.kind === 'failure') return refuse(review, began)
      if (!cluster.synced) return refuse({ code: 'not-synced', identity: review }, began)

      const snapshot = cluster.snapshot()
      // On the other paths the API server has matched the labels already, on fresher data than any cache.
      const lacking =
        path.target.by === 'labels' && review.namespace !== '' && !snapshot.namespaces.has(review.namespace)
      const ensured = lacking ? cluster.ensureNamespace(review.namespace) : snapshot
      if (!(ensured instanceof Promise))
        return answer({ received: request, review, path, snapshot: ensured, began })
      return ensured.then((found) =>
        found === undefined
          ? refuse({ code: 'namespace-not-read', identity: review }, began)
          : answer({ received: request, review, path, snapshot: found, began }),
      )
    },

    fail(request: FailedRequest): Answer {
      const began = performance.now()
      // A wrong path is worth more to whoever reads it than a wrong method on it.
      if (request.fault === 'method-not-allowed' && parseInjectPath(request.rawUrl) === undefined) {
        return refuse({ code: 'path-unknown', ...pathFailure(request.rawUrl, request.body) }, began)
      }
      return refuse({ code: request.fault, identity: identityOf(request.body) }, began)
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

/** A name for the metrics, from a closed set: what a path or a label says and nobody installed is never one. */
function revisionLabel({ kind, decided }: Outcome, snapshot: Snapshot): string {
  if (decided === undefined) return kind === 'fault' ? UNKNOWN_REVISION : NO_REVISION
  return snapshot.revisions.has(decided.revision) ? decided.revision : UNKNOWN_REVISION
}

/** How much of an unknown path is quoted. */
const SHOWN_PATH = 200

function pathFailure(rawUrl: string, body: Buffer): Omit<Failure, 'code'> {
  const shown = JSON.stringify(rawUrl.slice(0, SHOWN_PATH))
  const expected = '/inject, /revisions/<revision>/inject or /tags/<tag>/inject'
  return { message: `there is nothing at ${shown}; expected ${expected}`, identity: identityOf(body) }
}

/** UID and version stand in the first few KB of what an API server sends. */
function identityOf(body: Buffer): ReturnType<typeof readIdentity> {
  return readIdentity(body.toString('utf8', 0, 4096))
}

interface Decided {
  readonly review: DecodedReview
  readonly outcome: Outcome
  readonly status: number
  readonly micros: number
}

function describeDecision({ review, outcome, status, micros }: Decided): Decision {
  const { decided } = outcome
  return {
    kind: outcome.kind,
    code: outcome.code,
    status,
    uid: review.uid,
    namespace: review.namespace,
    pod: review.name || nameOf(review.object),
    revision: decided?.revision,
    tag: decided?.tag,
    webhook: decided?.webhook,
    istioVersion: decided?.istioVersion,
    patchOperations: outcome.kind === 'patched' ? outcome.patch.length : 0,
    micros,
    notes: outcome.notes.map((note) => note.code),
    // A refusal's message quotes the pod, which stays out of the log; a fault's speaks of our own configuration.
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
