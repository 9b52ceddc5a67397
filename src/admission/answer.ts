/**
 * Turns an outcome into an answer: HTTP status, body, Retry-After. The table of codes determines whether it is a
 * refusal, a temporary fault or a permanent one. This file does not depend on any particular code.
 */
import {
  type CodeEntry,
  type DecidedRevision,
  type DecidedRollout,
  describeCode,
  type Note,
  type Outcome,
} from '../inject/index.ts'
import { formatPercent } from '../rollout/index.ts'
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
  /** JSON text: an AdmissionReview, or a v1 Status for a fault that should not be retried. */
  readonly body: string
  /** For an admitted pod: the body before and after the UID, for the answer cache. */
  readonly parts?: ReviewParts
  readonly retryAfterSeconds?: number
}

export interface AnswerOptions {
  readonly warnings?: boolean
  /** False if the API server has retried long enough. A temporary fault is then answered like a permanent one. */
  readonly mayRetry?: boolean
}

/** The answer to a decoded review. */
export function answerOutcome(
  outcome: Outcome,
  identity: ReviewIdentity,
  { warnings = true, mayRetry = true }: AnswerOptions = {},
): Answer {
  const reported = warnings ? outcome.notes : []
  if (outcome.kind === 'refused' || outcome.kind === 'fault') {
    return answerFailure({ ...outcome, notes: reported }, identity, mayRetry)
  }
  const parts = encodeReviewParts({
    identity,
    allowed: true,
    ...(outcome.kind === 'patched' ? { patch: outcome.patch, constants: outcome.constants } : {}),
    warnings: warningsOf(reported),
    auditAnnotations: auditAnnotations(outcome),
  })
  return { status: 200, body: joinReview(parts, identity.uid), parts }
}

/** The answer to any error, including undecodable reviews and transport errors. */
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
    // client-go passes the message of a failed call on to the user only if the body is a Status.
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

/** Audit annotations; docs/audit.md describes them. */
function auditAnnotations(answered: {
  readonly code: string
  readonly decided?: DecidedRevision
}): Readonly<Record<string, string>> {
  const { code, decided } = answered
  if (decided === undefined) return { code }
  const { revision, configuration, rollout } = decided
  return {
    code,
    revision,
    ...(configuration !== undefined && { configuration }),
    ...(rollout !== undefined && { rollout: describeRollout(rollout) }),
  }
}

/** `to-1-30-3: moved from 1-29-2, slot 1234, 25%`. */
function describeRollout({ name, result, from, slot, share }: DecidedRollout): string {
  return `${name}: ${result}${from === '' ? '' : ` from ${from}`}, slot ${slot}, ${formatPercent(share)}%`
}

/** A refusal quotes the invalid annotation, which may be 256 KiB long. */
const MESSAGE_LENGTH = 4_096

function bounded(message: string): string {
  return message.length <= MESSAGE_LENGTH ? message : `${message.slice(0, MESSAGE_LENGTH).toWellFormed()}...`
}

/** Only mistakes that the creator of the pod can fix; the others are for the operator's log. */
function warningsOf(notes: readonly Note[]): readonly string[] {
  return notes.flatMap((note) => {
    const row: CodeEntry | undefined = describeCode(note.code)
    return row?.warns === true ? [`${note.message} [${note.code}]`] : []
  })
}
