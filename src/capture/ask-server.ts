/**
 * Owns: sending a review to a running webhook over TLS, and what its answer makes of the pod compared with what was
 * expected: pods as Kubernetes' types read them, not patches. Not here: what is expected.
 */
import { Agent, request } from 'node:https'
import type { Outcome } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { encodePod, podDifferences } from '../kube/index.ts'
import { patchedBy, type Verdict } from './replay-review.ts'

export interface ReviewServer {
  /** The `response` of its answer, or why there is none. */
  ask(path: string, review: JsonObject): Promise<JsonObject | string>
  /** Where it asks what came at that path. */
  pathFor(path: string): string
  close(): void
}

const HTTP_503 = 'the server answers HTTP 503'
const TIMEOUT_MS = 30_000
const MAX_ANSWER = 2 ** 26

/** @param url of the server; its path, where it has one, takes the place of the paths of the reviews */
export function connectReviewServer(url: URL, ca: string): ReviewServer {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca })
  const pathFor = (path: string): string => (url.pathname === '/' ? path : url.pathname)
  return {
    pathFor,
    async ask(path, review) {
      try {
        return await post(new URL(pathFor(path), url), JSON.stringify(review), agent)
      } catch (error) {
        return `the server cannot be asked: ${error instanceof Error ? error.message : String(error)}`
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
        if (bytes > MAX_ANSWER) sent.destroy(new Error(`an answer of more than ${MAX_ANSWER} bytes`))
        else chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => resolve(readAnswer(response.statusCode ?? 0, Buffer.concat(chunks))))
    })
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

function readAnswer(status: number, body: Buffer): JsonObject | string {
  if (status !== 200) return `the server answers HTTP ${status}`
  try {
    const value = parseJson(body.toString('utf8'), { maxBytes: MAX_ANSWER })
    const response = isObject(value) ? own(value, 'response') : undefined
    if (isObject(response)) return response
  } catch {
    // Said below.
  }
  return 'the server answers something other than an AdmissionReview'
}

/** What differs between the server's answer and the outcome that was expected. */
export function compareWithServer(
  response: JsonObject | string,
  expected: Outcome,
  object: JsonObject,
): Verdict {
  const { code } = expected
  // Both say that it must be asked again.
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

/** As Kubernetes' types write it: what is unset and what is empty are the same. A pod that they refuse stays as it is. */
function typed(pod: JsonValue): JsonValue {
  try {
    return parseJson(encodePod(pod), { maxBytes: MAX_ANSWER })
  } catch {
    return pod
  }
}
