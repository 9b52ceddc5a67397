/**
 * The interface between the webhook port and the package that understands reviews, so that the transport can be
 * tested with any handler. The table of codes maps codes to statuses.
 */
import type { RunSteps } from '../steps.ts'

/** One complete request. */
export interface WebhookRequest {
  /** As in the request line: not decoded, `//` not merged. */
  readonly rawUrl: string
  readonly contentType: string | undefined
  readonly body: Buffer
}

/** Transport errors; each is a row of the table of codes. */
export type TransportFault = 'method-not-allowed' | 'body-too-large' | 'overloaded' | 'internal-error'

export interface FailedRequest {
  readonly rawUrl: string
  readonly method: string
  readonly fault: TransportFault
  /** The received body, or its first few KB. If it contains a UID, the answer carries it. */
  readonly body: Buffer
  /** For `internal-error`: logged, never sent to the client. */
  readonly cause?: unknown
}

export interface WebhookAnswer {
  readonly status: number
  /** JSON text. */
  readonly body: string | Buffer
  /** The length of the body in UTF-8, if it is known: to count it, V8 has to join the parts of a text. */
  readonly bodyBytes?: number | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** Both always answer; an exception or rejection is a bug. */
export interface WebhookHandler {
  /**
   * Answers synchronously, unless `run` spreads the steps over turns of the event loop, or the cluster must be
   * queried first, which has a time limit.
   * @param run default: all steps at once
   */
  review(request: WebhookRequest, run?: RunSteps): WebhookAnswer | Promise<WebhookAnswer>
  fail(request: FailedRequest): WebhookAnswer
}
