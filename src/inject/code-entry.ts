/**
 * What a row of the table of codes holds, and how each kind of row is written: here it is decided once which HTTP
 * and AdmissionReview answer a kind of No gets. The rows themselves are in codes.ts
 * and the files that it names.
 */

/**
 * `patched`, `skipped`: HTTP 200, allowed.
 * `refused`: the pod's own fault, where Istio refuses too: HTTP 200, `allowed: false`.
 * `fault`: ours or passing: 429 or 5xx, which leaves the verdict to failurePolicy. One that may pass has Retry-After.
 * `malformed`: the HTTP request is no review that can be answered: 4xx, never retried.
 * `note`: told beside an outcome, changes nothing.
 * `config-error`: a configuration, option or file that does not serve; never an answer of its own.
 * `finding`: told by `remora check` of a configuration, before anything asks for injection.
 * `cause`: what a room found wrong with a text or a value; its message stands inside the message of another code.
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

/** How much `remora check` makes of a finding; the worst first. */
export const SEVERITIES = ['error', 'warning', 'note'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface CodeEntry {
  readonly kind: CodeKind
  /** Of `refused`, `fault` and `malformed`: the HTTP status of the answer. */
  readonly httpStatus?: number
  /** Of the same: `response.status.code` and `.reason`, as Kubernetes names them. */
  readonly statusCode?: number
  readonly statusReason?: string
  /**
   * Of a fault that may pass: the API server tries again after it. A fault without it is lasting: the next attempt
   * would fail as well, so the message goes to the user at once.
   */
  readonly retryAfterSeconds?: number
  /** What it means, as one sentence without the pod's own values. */
  readonly sentence: string
  /** What to do about it; absent where nothing is wrong. */
  readonly fix?: string
  /** Of a note: whoever created the pod is warned of it, for the mistake is in the pod. */
  readonly warns?: true
  /** Of a finding, and of a configuration error that is less than an error. */
  readonly severity?: Severity
}

type Text = readonly [sentence: string, fix?: string]
/** The kind stays literal, so that `CodeOf` can tell the rows apart. */
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
/** It serves as it is, and somebody should know. */
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
// 400 is what the API server makes of Istio's refusals, which carry no code; clients print BadRequest plainly.
export const refused = (...text: Text): Entry<'refused'> => ({
  ...entry('refused', text),
  httpStatus: 200,
  statusCode: 400,
  statusReason: 'BadRequest',
})
function fault(httpStatus: 429 | 500 | 503, statusReason: string, text: Text): Entry<'fault'> {
  return { ...entry('fault', text), httpStatus, statusCode: httpStatus, statusReason }
}
const passing = (row: Entry<'fault'>): Entry<'fault'> => ({ ...row, retryAfterSeconds: 1 })
/** May be over when the API server tries again. */
export const unavailable = (...text: Text) => passing(fault(503, 'ServiceUnavailable', text))
export const tooMany = (...text: Text) => passing(fault(429, 'TooManyRequests', text))
/** Lasting: somebody has to change something first. */
export const unserved = (...text: Text) => fault(503, 'ServiceUnavailable', text)
/** Lasting: an exception would most likely come again. */
export const defect = (...text: Text) => fault(500, 'InternalError', text)
export const malformed = (httpStatus: number, statusReason: string, ...text: Text): Entry<'malformed'> => ({
  ...entry('malformed', text),
  httpStatus,
  statusCode: httpStatus,
  statusReason,
})
