/** The two kinds of errors of the API server: unreachable, and refused. */
import { RemoraError } from '../../errors.ts'
import { isObject, type JsonValue, own, parseJson } from '../../json/index.ts'
import type { ApiStatus, StatusCause } from '../../kube/index.ts'

/** No response: the name does not resolve, the connection is refused, closed or dead, or the certificate is wrong. */
export class ApiUnreachable extends RemoraError {
  constructor(message: string, cause?: unknown) {
    super('cluster-api-unreachable', message, { cause })
  }
}

/** The response is larger than the limit; smaller pages may help. */
export class AnswerTooLarge extends ApiUnreachable {
  constructor(limit: number) {
    super(`a response of more than ${limit} characters`)
  }
}

/** An error response, also inside a watch. */
export class ApiRefused extends RemoraError {
  /** HTTP status, or the `code` of a Status object. */
  readonly status: number
  /** Kubernetes' reason: `Forbidden`, `Expired`, `TooManyRequests`. */
  readonly reason: string
  readonly retryAfterMs: number | undefined
  /** Everything that was read of the response; its message may be longer than that of the error. */
  readonly facts: StatusFacts

  constructor(what: string, facts: StatusFacts) {
    const { status, reason, message, retryAfterMs } = facts
    super('cluster-api-refused', `${what}: ${status} ${message.slice(0, MAX_ERROR_MESSAGE) || reason}`)
    this.status = status
    this.reason = reason
    this.retryAfterMs = retryAfterMs
    this.facts = facts
  }

  /** The resource version or continue token has expired; only a new list helps. */
  get expired(): boolean {
    return this.status === 410
  }
}

export interface StatusFacts extends ApiStatus {
  readonly retryAfterMs: number | undefined
}

const MAX_ERROR_MESSAGE = 300
/** Pod Security names each container for each of its rules. */
const MAX_MESSAGE = 2_000
const MAX_CAUSES = 50

/** Reads a Status object as far as it is valid. */
export function readStatus(value: unknown, httpStatus: number, retryAfter: string | undefined): StatusFacts {
  const code = isObject(value) ? own(value, 'code') : undefined
  const details = isObject(value) ? own(value, 'details') : undefined
  const asked = isObject(details) ? own(details, 'retryAfterSeconds') : undefined
  const seconds = typeof asked === 'number' && asked > 0 ? asked : Number(retryAfter ?? Number.NaN)
  return {
    status: typeof code === 'number' && code > 0 ? code : httpStatus,
    reason: textOf(value, 'reason'),
    message: textOf(value, 'message'),
    name: textOf(details, 'name'),
    causes: causesOf(details),
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
  }
}

function causesOf(details: unknown): readonly StatusCause[] {
  const causes = isObject(details) ? own(details, 'causes') : undefined
  return (Array.isArray(causes) ? causes : []).slice(0, MAX_CAUSES).map((cause: JsonValue) => ({
    reason: textOf(cause, 'reason'),
    field: textOf(cause, 'field'),
    message: textOf(cause, 'message'),
  }))
}

function textOf(value: unknown, key: string): string {
  const found = isObject(value) ? own(value, key) : undefined
  return typeof found === 'string' ? found.slice(0, MAX_MESSAGE) : ''
}

/** Reads the body of an error response, which may be anything. */
export function parseStatusBody(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
