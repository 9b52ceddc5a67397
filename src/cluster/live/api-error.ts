/** The two kinds of errors of the API server: unreachable, and refused. */
import { RemoraError } from '../../errors.ts'
import { isObject, own, parseJson } from '../../json/index.ts'

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

  constructor(what: string, { status, reason, message, retryAfterMs }: StatusFacts) {
    super('cluster-api-refused', `${what}: ${status} ${message || reason}`)
    this.status = status
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }

  /** The resource version or continue token has expired; only a new list helps. */
  get expired(): boolean {
    return this.status === 410
  }
}

export interface StatusFacts {
  readonly status: number
  readonly reason: string
  readonly message: string
  readonly retryAfterMs: number | undefined
}

const MAX_MESSAGE = 300

/** Reads a Status object as far as it is valid. */
export function readStatus(value: unknown, httpStatus: number, retryAfter: string | undefined): StatusFacts {
  const text = (key: string): string => {
    const found = isObject(value) ? own(value, key) : undefined
    return typeof found === 'string' ? found.slice(0, MAX_MESSAGE) : ''
  }
  const code = isObject(value) ? own(value, 'code') : undefined
  const details = isObject(value) ? own(value, 'details') : undefined
  const asked = isObject(details) ? own(details, 'retryAfterSeconds') : undefined
  const seconds = typeof asked === 'number' && asked > 0 ? asked : Number(retryAfter ?? Number.NaN)
  return {
    status: typeof code === 'number' && code > 0 ? code : httpStatus,
    reason: text('reason'),
    message: text('message'),
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
  }
}

/** Reads the body of an error response, which may be anything. */
export function parseStatusBody(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
