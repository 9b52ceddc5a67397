/**
 * Encodes AdmissionReview responses with one JSON.stringify of the patch and one base64. answer.ts decides which
 * response an outcome gets.
 */
import type { PatchOperation } from '../inject/index.ts'
import { ConstantTexts } from '../json/index.ts'
import type { ReviewIdentity } from './decode-review.ts'

/** `response.status` of a denied request, as Kubernetes' metav1.Status. */
export interface ReviewStatus {
  readonly code: number
  readonly reason: string
  readonly message: string
}

export interface ReviewResponse {
  /** Missing if no UID could be read; the response then has an empty UID and version v1. */
  readonly identity: Partial<ReviewIdentity>
  readonly allowed: boolean
  readonly patch?: readonly PatchOperation[]
  /** The outcome's, for the patch. */
  readonly constants?: ConstantTexts | undefined
  readonly status?: ReviewStatus
  /** kubectl prints them. They are shortened to what the API server passes on. */
  readonly warnings?: readonly string[]
  /** The API server prefixes the keys with the webhook's name. */
  readonly auditAnnotations?: { readonly [key: string]: string }
}

/** Kubernetes recommends at most 256 characters each. More than a few warnings would hide each other. */
const WARNING_LENGTH = 256
const WARNING_COUNT = 8

/** The text before and after the UID, which is a JSON string between them. */
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

/** Neither part contains the UID of the response's identity. */
export function encodeReviewParts(response: ReviewResponse): ReviewParts {
  const { identity, patch, constants, status, warnings = [], auditAnnotations } = response
  const head = `{"apiVersion":"${identity.apiVersion ?? 'admission.k8s.io/v1'}","kind":"AdmissionReview","response":{"uid":`
  let text = `,"allowed":${response.allowed}`
  if (status !== undefined) text += `,"status":${JSON.stringify(failureOf(status))}`
  if (warnings.length > 0)
    text += `,"warnings":${JSON.stringify(warnings.slice(0, WARNING_COUNT).map(shorten))}`
  if (auditAnnotations !== undefined) text += `,"auditAnnotations":${JSON.stringify(auditAnnotations)}`
  // An empty list is encoded too, as in Istio: the API server accepts `[]`.
  if (patch !== undefined) {
    text += `,"patchType":"JSONPatch","patch":"${Buffer.from(encodePatch(patch, constants), 'utf8').toString('base64')}"`
  }
  return { head, tail: `${text}}}` }
}

/** A bare Status, as an API server encodes its own errors. */
export function encodeStatus(status: ReviewStatus): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', ...failureOf(status) })
}

function failureOf({ code, reason, message }: ReviewStatus) {
  return { metadata: {}, status: 'Failure', message, reason, code }
}

/** Like JSON.stringify of the operations, but the encoding of constant parts of the template is reused. */
export function encodePatch(
  patch: readonly PatchOperation[],
  constants: ConstantTexts = new ConstantTexts(),
): string {
  let text = '['
  for (const operation of patch) {
    if (text.length > 1) text += ','
    text += `{"op":"${operation.op}","path":${JSON.stringify(operation.path)}`
    if (operation.op !== 'remove') text += `,"value":${constants.encode(operation.value)}`
    text += '}'
  }
  return `${text}]`
}

/** On one line, as an HTTP header requires. */
function shorten(warning: string): string {
  const line = warning.replace(/\p{Cc}+/gu, ' ')
  return line.length <= WARNING_LENGTH ? line : `${line.slice(0, WARNING_LENGTH - 3).toWellFormed()}...`
}
