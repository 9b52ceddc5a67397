/**
 * A few admitted requests whose templates were executed as a whole, as text, for warming up the configuration's
 * successor (warm-up.ts). The latest are kept, from several namespaces.
 */
import { isObject, type JsonObject, type JsonValue } from '../../json/index.ts'
import type { InjectionRequest } from '../request.ts'

const MAX_REQUESTS = 8
/** Characters of one request; a larger one would delay the change of configurations. */
const MAX_LENGTH = 32_768

interface Kept {
  readonly request: Omit<InjectionRequest, 'object' | 'nowMs' | 'seed'>
  readonly pod: string
  readonly length: number
}

export class WarmUpRequests {
  #kept: Kept[] = []
  #maxBytes: number

  constructor(maxBytes = Number.POSITIVE_INFINITY) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#kept.reduce((sum, { length }) => sum + 2 * length, 0)
  }

  limitTo(maxBytes: number): void {
    this.#maxBytes = maxBytes
    while (this.bytes > this.#maxBytes) this.#dropOne()
  }

  /** Reads neither clock nor seed: the reads are counted, and only those of the injection may count. */
  add({ target, namespace, operation, kind, subResource, object, proxyEnv }: InjectionRequest): void {
    if (isLong(object)) return
    const request = { target, namespace, operation, kind, subResource, proxyEnv }
    const pod = JSON.stringify(object)
    // Several templates may be executed for one pod. In a review that was not written by an API server, other fields may be
    // as long as a pod.
    const length =
      pod.length + JSON.stringify([target, namespace, operation, kind, subResource, ...proxyEnv]).length
    if (length > MAX_LENGTH || 2 * length > this.#maxBytes || this.#kept.at(-1)?.pod === pod) return
    while (this.#kept.length >= MAX_REQUESTS || this.bytes + 2 * length > this.#maxBytes) this.#dropOne()
    this.#kept.push({ request, pod, length })
  }

  /** Oldest first. */
  requests(): readonly InjectionRequest[] {
    return this.#kept.map(({ request, pod }) => ({
      ...request,
      object: JSON.parse(pod) as JsonObject, // it was one when it was encoded
      nowMs: 0,
      seed: 0,
    }))
  }

  /** Drops the oldest one of the namespace that has the most, so that a busy namespace replaces its own. */
  #dropOne(): void {
    const counts = new Map<string, number>()
    for (const { request } of this.#kept)
      counts.set(request.namespace, (counts.get(request.namespace) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const dropped = this.#kept.findIndex(({ request }) => counts.get(request.namespace) === most)
    this.#kept = this.#kept.toSpliced(dropped, 1)
  }
}

/** Whether its JSON is certainly too long, so that a large pod is not encoded. Pods may nest deeper than the stack. */
function isLong(object: JsonObject): boolean {
  let length = 0
  const open: JsonValue[] = [object]
  for (let value = open.pop(); value !== undefined && length <= MAX_LENGTH; value = open.pop()) {
    if (typeof value === 'string') length += value.length
    else if (Array.isArray(value)) {
      length += value.length
      for (const item of value) open.push(item)
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        length += key.length
        open.push(item)
      }
    }
  }
  return length > MAX_LENGTH
}
