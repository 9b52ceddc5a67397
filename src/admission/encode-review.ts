/**
 * AdmissionReview answers as text, each put together once: one JSON.stringify of the patch and one base64, the rest
 * is short. Which answer an outcome gets is answer.ts.
 */
import type { PatchOperation } from '../inject/index.ts'
import { encodeJsonText } from '../json/index.ts'
import type { ReviewIdentity } from './decode-review.ts'

/** `response.status` of a No, as Kubernetes' metav1.Status. */
export interface ReviewStatus {
  readonly code: number
  readonly reason: string
  readonly message: string
}

export interface ReviewResponse {
  /** Missing where no UID could be read: then it is the empty one, and v1. */
  readonly identity: Partial<ReviewIdentity>
  readonly allowed: boolean
  readonly patch?: readonly PatchOperation[]
  readonly status?: ReviewStatus
  /** Shown by kubectl; cut to what the API server passes on. */
  readonly warnings?: readonly string[]
  /** The API server prefixes the keys with the webhook's name. */
  readonly auditAnnotations?: { readonly [key: string]: string }
}

/** Kubernetes asks for at most 256 characters each; more than a handful would hide each other. */
const WARNING_LENGTH = 256
const WARNING_COUNT = 8

/** A review's text before and after its UID, which stands between them as a JSON text. */
export interface ReviewParts {
  readonly head: string
  readonly tail: string
}

export function encodeReview(response: ReviewResponse): string {
  return joinReview(encodeReviewParts(response), response.identity.uid ?? '')
}

export function joinReview({ head, tail }: ReviewParts, uid: string): string {
  return `${head}${JSON.stringify(uid)}${tail}`
}

/** The UID of the response's identity is in neither part. */
export function encodeReviewParts(response: ReviewResponse): ReviewParts {
  const { identity, patch, status, warnings = [], auditAnnotations } = response
  const head = `{"apiVersion":"${identity.apiVersion ?? 'admission.k8s.io/v1'}","kind":"AdmissionReview","response":{"uid":`
  let text = `,"allowed":${response.allowed}`
  if (status !== undefined) text += `,"status":${JSON.stringify(failureOf(status))}`
  if (warnings.length > 0)
    text += `,"warnings":${JSON.stringify(warnings.slice(0, WARNING_COUNT).map(shorten))}`
  if (auditAnnotations !== undefined) text += `,"auditAnnotations":${JSON.stringify(auditAnnotations)}`
  // Without operations too, as Istio answers: the API server takes `[]` for a pod that is right as it is.
  if (patch !== undefined) {
    text += `,"patchType":"JSONPatch","patch":"${Buffer.from(encodePatch(patch), 'utf8').toString('base64')}"`
  }
  return { head, tail: `${text}}}` }
}

/** The status alone, as an API server writes its own errors. */
export function encodeStatus(status: ReviewStatus): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', ...failureOf(status) })
}

function failureOf({ code, reason, message }: ReviewStatus) {
  return { metadata: {}, status: 'Failure', message, reason, code }
}

/** As JSON.stringify of the operations: what they hold of the template's own is written once for all. */
export function encodePatch(patch: readonly PatchOperation[]): string {
  let text = '['
  for (const operation of patch) {
    if (text.length > 1) text += ','
    text += `{"op":"${operation.op}","path":${JSON.stringify(operation.path)}`
    if (operation.op !== 'remove') text += `,"value":${encodeJsonText(operation.value)}`
    text += '}'
  }
  return `${text}]`
}

/** On one line, as an HTTP header carries it. */
function shorten(warning: string): string {
  const line = warning.replace(/\p{Cc}+/gu, ' ')
  return line.length <= WARNING_LENGTH ? line : `${line.slice(0, WARNING_LENGTH - 3).toWellFormed()}...`
}
