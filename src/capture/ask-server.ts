/**
 * Sends a review to a running webhook over TLS, and compares the pod after its patch with the expected one. Pods are
 * compared as Kubernetes' types decode them; patches are not.
 */

import { Agent, request } from 'node:https'
import type { Outcome } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { encodePod, podDifferences } from '../kube/index.ts'
import { describeSystemError } from '../system-error.ts'
import { patchedBy, type Verdict } from './replay-review.ts'

export interface ReviewServer {
  /** The `response` of the webhook, or the reason why there is none. */
  ask(path: string, review: JsonObject): Promise<JsonObject | string>
  /** The URL for a review that was captured with that path. */
  pathFor(path: string): string
  close(): void
}

const HTTP_503 = 'the server responds with HTTP 503'
const TIMEOUT_MS = 30_000
const MAX_ANSWER = 2 ** 26

/** @param url URL of the server; if it has a path, that replaces the paths of the reviews */
export function connectReviewServer(url: URL, ca: string): ReviewServer {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  const pathFor = (path: string): string => (url.pathname === '/' ? path : url.pathname)
  return {
    pathFor,
    async ask(path, review) {
      try {
        return await post(new URL(pathFor(path), url), JSON.stringify(review), agent)
      } catch (error) {
        return `the server cannot be reached: ${describeSystemError(error)}`
      }
    },
    close: () => agent.destroy(),
  }
}

function post(url: URL, body: string, agent: Agent): Promise<JsonObject | string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', agent, headers, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER) sent.destroy(new Error(`a response of more than ${MAX_ANSWER} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => resolve(readAnswer(response.statusCode ?? 0, Buffer.concat(chunks))))
    })
    sent.on('timeout', () => sent.destroy(new Error(`no response within ${TIMEOUT_MS / 1000} s`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

function readAnswer(status: number, body: Buffer): JsonObject | string {
  if (status !== 200) return `the server responds with HTTP ${status}`
  try {
    const value = parseJson(body.toString('utf8'), { maxBytes: MAX_ANSWER })
    const response = isObject(value) ? own(value, 'response') : undefined
    if (isObject(response)) return response
  } catch {
    // Reported below.
  }
  return "the server's response is not an AdmissionReview"
}

/** The differences between the server's answer and the expected outcome. */
export function compareWithServer(
  response: JsonObject | string,
  expected: Outcome,
  object: JsonObject,
): Verdict {
  const { code } = expected
  // Both ask the client to retry.
  if (response === HTTP_503 && expected.kind === 'fault') return { kind: 'same', code }
  if (typeof response === 'string') return { kind: 'error', cause: response }
  const allowed = own(response, 'allowed') === true
  const wasAllowed = expected.kind === 'patched' || expected.kind === 'skipped'
  if (allowed !== wasAllowed)
    return { kind: 'differs', code, cause: `${code} here, ${allowed ? 'allowed' : 'refused'} by the server` }
  if (!allowed) return { kind: 'same', code }
  const theirs = patchedBy(response, object)
  if (theirs === undefined) return { kind: 'error', cause: "the server's patch cannot be applied" }
  const ours = expected.kind === 'patched' ? expected.pod : object
  const paths = podDifferences(typed(ours), typed(theirs))
  if (paths.length === 0) return { kind: 'same', code }
  const injected = own(response, 'patch') !== undefined
  if (injected !== (expected.kind === 'patched'))
    return {
      kind: 'differs',
      code,
      cause: `${code} here, ${injected ? 'patched' : 'not patched'} by the server`,
    }
  return { kind: 'differs', code, cause: `pod: ${[...paths].sort().slice(0, 12).join(', ')}` }
}

/**
 * The pod as Kubernetes' types encode it: unset and empty fields are equal. A pod that they refuse is not changed.
 */
function typed(pod: JsonValue): JsonValue {
  try {
    return parseJson(encodePod(pod), { maxBytes: MAX_ANSWER })
  } catch {
    return pod
  }
}
