/**
 * Which answer an outcome gets: HTTP status, body, Retry-After. The table of codes alone tells refusals, passing faults
 * and lasting faults apart; nothing here knows a single code.
 */
import {
  type CodeEntry,
  type DecidedRevision,
  describeCode,
  type Note,
  type Outcome,
} from '../inject/index.ts'
import type { ReviewIdentity } from './decode-review.ts'
import {
  encodeReview,
  encodeReviewParts,
  encodeStatus,
  joinReview,
  type ReviewParts,
  type ReviewStatus,
} from './encode-review.ts'

export interface Answer {
  readonly status: number
  /** JSON text: an AdmissionReview; of a fault that is not to be tried again, a v1 Status. */
  readonly body: string
  /** Of an admitted pod: the body's text around the UID, for a cache of answers. */
  readonly parts?: ReviewParts
  readonly retryAfterSeconds?: number
}

export interface AnswerOptions {
  readonly warnings?: boolean
  /** False: the API server has tried long enough, so that a passing fault is answered as a lasting one. */
  readonly mayRetry?: boolean
}

/** The answer to a review that was decoded. */
export function answerOutcome(
  outcome: Outcome,
  identity: ReviewIdentity,
  { warnings = true, mayRetry = true }: AnswerOptions = {},
): Answer {
  const told = warnings ? outcome.notes : []
  if (outcome.kind === 'refused' || outcome.kind === 'fault') {
    return answerFailure({ ...outcome, notes: told }, identity, mayRetry)
  }
  const parts = encodeReviewParts({
    identity,
    allowed: true,
    ...(outcome.kind === 'patched' ? { patch: outcome.patch } : {}),
    warnings: warningsOf(told),
    auditAnnotations: auditAnnotations(outcome),
  })
  return { status: 200, body: joinReview(parts, identity.uid), parts }
}

/** The answer to whatever went wrong, reviews that could not be decoded and faults of the transport included. */
export function answerFailure(
  failure: {
    readonly code: string
    readonly message?: string
    readonly notes?: readonly Note[]
    readonly decided?: DecidedRevision
  },
  identity: Partial<ReviewIdentity>,
  mayRetry = true,
): Answer {
  const row: CodeEntry | undefined = describeCode(failure.code)
  const httpStatus = row?.httpStatus ?? 500
  const retryAfterSeconds = mayRetry ? row?.retryAfterSeconds : undefined
  const message = `${bounded(failure.message ?? row?.sentence ?? 'unknown failure')} [${failure.code}]`
  const status: ReviewStatus = {
    code: row?.statusCode ?? 500,
    reason: row?.statusReason ?? 'InternalError',
    message,
  }
  if ((row === undefined || row.kind === 'fault') && retryAfterSeconds === undefined) {
    // client-go passes the text of a failed call on to the user only where the body is a Status.
    return { status: httpStatus, body: encodeStatus(status) }
  }
  const body = encodeReview({
    identity,
    allowed: false,
    status,
    warnings: warningsOf(failure.notes ?? []),
    auditAnnotations: auditAnnotations(failure),
  })
  return retryAfterSeconds === undefined
    ? { status: httpStatus, body }
    : { status: httpStatus, body, retryAfterSeconds }
}

/** What stays of the answer in the API server's audit log; docs/audit.md describes them. */
function auditAnnotations(answered: {
  readonly code: string
  readonly decided?: DecidedRevision
}): Readonly<Record<string, string>> {
  const { code, decided } = answered
  if (decided === undefined) return { code }
  const { revision, configuration } = decided
  return configuration === undefined ? { code, revision } : { code, revision, configuration }
}

/** A refusal repeats the annotation that is wrong, which may be 256 KiB of text; its end says nothing more. */
const MESSAGE_LENGTH = 4_096

function bounded(message: string): string {
  return message.length <= MESSAGE_LENGTH ? message : `${message.slice(0, MESSAGE_LENGTH).toWellFormed()}...`
}

/** Only what whoever created the pod can fix; the rest is for the operator's log. */
function warningsOf(notes: readonly Note[]): readonly string[] {
  return notes.flatMap((note) => {
    const row: CodeEntry | undefined = describeCode(note.code)
    return row?.warns === true ? [`${note.message} [${note.code}]`] : []
  })
}
