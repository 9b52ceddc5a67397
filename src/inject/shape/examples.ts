/**
 * Owns: a few of the requests that a configuration's templates were executed for as a whole, as text, to try its
 * successor on (rehearse.ts). The latest are kept: what every pod has in common is executed a few times only.
 */
import type { JsonObject } from '../../json/index.ts'
import type { InjectionRequest } from '../request.ts'

const MAX_EXAMPLES = 8
/** Characters of one pod; a larger one is none to try twice. */
const MAX_LENGTH = 32_768

interface Example {
  readonly request: InjectionRequest
  readonly pod: string
}

export class Examples {
  readonly #kept: Example[] = []

  add(request: InjectionRequest): void {
    const pod = JSON.stringify(request.object)
    // Several templates may be executed for one pod.
    if (pod.length > MAX_LENGTH || this.#kept.at(-1)?.pod === pod) return
    if (this.#kept.length === MAX_EXAMPLES) this.#kept.shift()
    this.#kept.push({ request: { ...request, object: NO_POD }, pod })
  }

  /** The oldest first. */
  requests(): readonly InjectionRequest[] {
    return this.#kept.map(({ request, pod }) => ({ ...request, object: JSON.parse(pod) as JsonObject }))
  }
}

const NO_POD: JsonObject = Object.freeze({})
