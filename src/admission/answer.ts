/**
 * Which answer an outcome gets: HTTP status, body, Retry-After. The two kinds of No are told apart by the table of
 * codes alone; nothing here knows a single code.
 */
import {
  type CodeEntry,
  type DecidedRevision,
  describeCode,
  type Note,
  type Outcome,
} from '../inject/index.ts'
import type { ReviewIdentity } from './decode-review.ts'
import { encodeReview } from './encode-review.ts'

export interface Answer {
  readonly status: number
  /** JSON text, an AdmissionReview. */
  readonly body: string
  readonly retryAfterSeconds?: number
}

/** The answer to a review that was decoded. */
export function answerOutcome(
  outcome: Outcome,
  identity: ReviewIdentity,
  { warnings = true }: { readonly warnings?: boolean } = {},
): Answer {
  const told = warnings ? outcome.notes : []
  if (outcome.kind === 'refused' || outcome.kind === 'fault') {
    return answerFailure({ ...outcome, notes: told }, identity)
  }
  const body = encodeReview({
    identity,
    allowed: true,
    ...(outcome.kind === 'patched' ? { patch: outcome.patch } : {}),
    warnings: warningsOf(told),
    auditAnnotations: auditAnnotations(outcome),
  })
  return { status: 200, body }
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
): Answer {
  const row: CodeEntry | undefined = describeCode(failure.code)
  const httpStatus = row?.httpStatus ?? 500
  const message = `${bounded(failure.message ?? row?.sentence ?? 'unknown failure')} [${failure.code}]`
  const body = encodeReview({
    identity,
    allowed: false,
    status: { code: row?.statusCode ?? 500, reason: row?.statusReason ?? 'InternalError', message },
    warnings: warningsOf(failure.notes ?? []),
    auditAnnotations: auditAnnotations(failure),
  })
  return row?.retryAfterSeconds === undefined
    ? { status: httpStatus, body }
    : { status: httpStatus, body, retryAfterSeconds: row.retryAfterSeconds }
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

/** Only what whoever created the pod can mend; the rest is for the operator's log. */
function warningsOf(notes: readonly Note[]): readonly string[] {
  return notes.flatMap((note) => {
    const row: CodeEntry | undefined = describeCode(note.code)
    return row?.warns === true ? [`${note.message} [${note.code}]`] : []
  })
}
