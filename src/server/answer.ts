/**
 * Owns: what the webhook port asks of the room that understands reviews, as two small types, so that transport can be
 * tested with anything behind it. Not here: which code gets which status (the table of codes).
 */
import type { RunSteps } from '../steps.ts'

/** One request, received whole. */
export interface WebhookRequest {
  /** As it stood in the request line: not decoded, `//` not merged. */
  readonly rawUrl: string
  readonly contentType: string | undefined
  readonly body: Buffer
}

/** Faults of the transport, each a row of the table of codes. */
export type TransportFault = 'method-not-allowed' | 'body-too-large' | 'overloaded' | 'internal-error'

export interface FailedRequest {
  readonly rawUrl: string
  readonly method: string
  readonly fault: TransportFault
  /** What was received, or its first few KB: where a UID can be read in it, the answer carries it. */
  readonly body: Buffer
  /** Of `internal-error`: for the log, never for the client. */
  readonly cause?: unknown
}

export interface WebhookAnswer {
  readonly status: number
  /** JSON text. */
  readonly body: string | Buffer
  readonly retryAfterSeconds?: number | undefined
}

/** Both answer always; what they throw or reject with is a defect. */
export interface WebhookHandler {
  /**
   * At once, unless `run` spreads the steps over turns of the event loop, or something of the cluster must be asked for first; that
   * has a time limit.
   * @param run default: all steps at once
   */
  review(request: WebhookRequest, run?: RunSteps): WebhookAnswer | Promise<WebhookAnswer>
  fail(request: FailedRequest): WebhookAnswer
}
