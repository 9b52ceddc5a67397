/**
 * Responsible for answering large reviews in steps, each in a turn of the event loop of its own, one review after the other in the
 * order of their arrival. Otherwise many that arrive together would be answered in one go, and probes and small reviews would wait
 * for all of them; now they wait for one step. Not here: how many bytes may wait (in-flight-bytes.ts).
 */
import { finish, type RunSteps, type Steps } from '../steps.ts'

/** Nearly all pods are smaller, and their answers take a millisecond or less. */
const LARGE_BYTES = 128 * 1024

export class Turns {
  /** Each takes the next step of one review; true once that was its last. */
  readonly #waiting: (() => boolean)[] = []

  /** Small bodies are answered at once: then what a step throws is thrown; otherwise the promise rejects. */
  forBody(bodyBytes: number): RunSteps {
    return bodyBytes < LARGE_BYTES ? finish : this.#run
  }

  readonly #run = <T>(steps: Steps<T | Promise<T>>): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#waiting.push(() => takeStep(steps, resolve, reject))
    if (this.#waiting.length === 1) setImmediate(this.#turn)
    return promise
  }

  readonly #turn = (): void => {
    // The review stays in the list until its last step is done, so that others wait their turn.
    if (this.#waiting[0]?.() === true) this.#waiting.shift()
    if (this.#waiting.length > 0) setImmediate(this.#turn)
  }
}

function takeStep<T>(
  steps: Steps<T>,
  resolve: (result: T) => void,
  reject: (error: unknown) => void,
): boolean {
  try {
    const step = steps.next()
    if (step.done === true) resolve(step.value)
    return step.done === true
  } catch (error) {
    reject(error)
    return true
  }
}
