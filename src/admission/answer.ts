/**
 * Which answer an outcome gets: HTTP status, body, Retry-After. The two kinds of No are told apart by the table of
 * codes alone; nothing here knows a single code.
 */
import { type CodeEntry, describeCode, type Note, type Outcome } from '../inject/index.ts'
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
    auditAnnotations: {
      code: outcome.code,
      ...(outcome.decided === undefined ? {} : { revision: outcome.decided.revision }),
    },
  })
  return { status: 200, body }
}

/** The answer to whatever went wrong, reviews that could not be decoded and faults of the transport included. */
export function answerFailure(
  failure: { readonly code: string; readonly message?: string; readonly notes?: readonly Note[] },
  identity: Partial<ReviewIdentity>,
): Answer {
  const row: CodeEntry | undefined = describeCode(failure.code)
  const httpStatus = row?.httpStatus ?? 500
  const message = `${failure.message ?? row?.sentence ?? 'unknown failure'} [${failure.code}]`
  const body = encodeReview({
    identity,
    allowed: false,
    status: { code: row?.statusCode ?? 500, reason: row?.statusReason ?? 'InternalError', message },
    warnings: warningsOf(failure.notes ?? []),
  })
  return row?.retryAfterSeconds === undefined
    ? { status: httpStatus, body }
    : { status: httpStatus, body, retryAfterSeconds: row.retryAfterSeconds }
}

/** Only what whoever created the pod can mend; the rest is for the operator's log. */
function warningsOf(notes: readonly Note[]): readonly string[] {
  return notes.flatMap((note) => {
    const row: CodeEntry | undefined = describeCode(note.code)
    return row?.warns === true ? [`${note.message} [${note.code}]`] : []
  })
}
