/**
 * A row of the table of codes, and a function for each kind of row, which decides the HTTP and AdmissionReview answer. The
 * rows are in codes.ts and the files that it imports.
 */

/**
 * `patched`, `skipped`: HTTP 200, allowed.
 * `refused`: an error in the pod, which Istio refuses too: HTTP 200, `allowed: false`.
 * `fault`: an error on our side: 429 or 5xx, which leaves the decision to failurePolicy. A temporary one has Retry-After.
 * `malformed`: the HTTP request is not a valid review: 4xx, never retried.
 * `note`: added to an outcome, without effect on it.
 * `config-error`: an invalid configuration, option or file; never an answer.
 * `finding`: only reported by `remora check`.
 * `cause`: an error of a lower package about a text or a value; its message is part of the message of another code.
 */
export type CodeKind =
  | 'patched'
  | 'skipped'
  | 'refused'
  | 'fault'
  | 'malformed'
  | 'note'
  | 'config-error'
  | 'finding'
  | 'cause'

/** The severities of findings, the worst first. */
export const SEVERITIES = ['error', 'warning', 'note'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface CodeEntry {
  readonly kind: CodeKind
  /** The HTTP status of the answer; for `refused`, `fault` and `malformed`. */
  readonly httpStatus?: number
  /** `response.status.code` and `.reason`, for the same kinds. */
  readonly statusCode?: number
  readonly statusReason?: string
  /**
   * For a temporary fault: the API server retries after this time. A fault without it is permanent: a retry would fail too, so
   * the message goes to the user at once.
   */
  readonly retryAfterSeconds?: number
  /** The meaning, without values of the pod. */
  readonly sentence: string
  /** The remedy; absent if there is no problem. */
  readonly fix?: string
  /** For a note: the client gets a warning, because the mistake is in the pod. */
  readonly warns?: true
  /** For a finding, and for a configuration error that is only a warning or a note. */
  readonly severity?: Severity
}

type Text = readonly [sentence: string, fix?: string]
/** The kind stays literal, so that `CodeOf` can distinguish the rows. */
export type Entry<K extends CodeKind> = CodeEntry & { readonly kind: K }

function entry<K extends CodeKind>(kind: K, [sentence, fix]: Text): Entry<K> {
  return fix === undefined ? { kind, sentence } : { kind, sentence, fix }
}
export const patched = (...text: Text) => entry('patched', text)
export const skipped = (...text: Text) => entry('skipped', text)
export const note = (...text: Text) => entry('note', text)
export const warning = (...text: Text): Entry<'note'> => ({ ...entry('note', text), warns: true })
export const cause = (...text: Text) => entry('cause', text)
export const configError = (...text: Text) => entry('config-error', text)
/** The configuration is usable. */
export const configWarning = (...text: Text): Entry<'config-error'> => ({
  ...entry('config-error', text),
  severity: 'warning',
})
export const configNote = (...text: Text): Entry<'config-error'> => ({
  ...entry('config-error', text),
  severity: 'note',
})
export const finding = (severity: Severity, ...text: Text): Entry<'finding'> => ({
  ...entry('finding', text),
  severity,
})
// The API server uses 400 for Istio's refusals, which have no code; clients print BadRequest without decoration.
export const refused = (...text: Text): Entry<'refused'> => ({
  ...entry('refused', text),
  httpStatus: 200,
  statusCode: 400,
  statusReason: 'BadRequest',
})
function fault(httpStatus: 429 | 500 | 503, statusReason: string, text: Text): Entry<'fault'> {
  return { ...entry('fault', text), httpStatus, statusCode: httpStatus, statusReason }
}
const temporary = (row: Entry<'fault'>): Entry<'fault'> => ({ ...row, retryAfterSeconds: 1 })
/** Temporary: a retry of the API server may succeed. */
export const unavailable = (...text: Text) => temporary(fault(503, 'ServiceUnavailable', text))
export const tooMany = (...text: Text) => temporary(fault(429, 'TooManyRequests', text))
/** Permanent: a retry fails until the cluster or the configuration changes. */
export const unserved = (...text: Text) => fault(503, 'ServiceUnavailable', text)
/** Permanent: the exception would most likely occur again. */
export const defect = (...text: Text) => fault(500, 'InternalError', text)
export const malformed = (httpStatus: number, statusReason: string, ...text: Text): Entry<'malformed'> => ({
  ...entry('malformed', text),
  httpStatus,
  statusCode: httpStatus,
  statusReason,
})
