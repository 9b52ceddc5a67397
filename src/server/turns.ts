/**
 * Answers large reviews in steps, each in a separate turn of the event loop, in the order of their arrival. Otherwise
 * many large reviews that arrive together would all be answered before a probe or a small review; now those wait for
 * one step. in-flight-bytes.ts limits how many bytes may wait.
 */
import { finish, type RunSteps, type Steps } from '../steps.ts'

/** Nearly all pods are smaller, and their answers take a millisecond or less. */
const LARGE_BYTES = 128 * 1024

export class Turns {
  /** Each function runs the next step of one review, and returns true after the last. */
  readonly #waiting: (() => boolean)[] = []

  /** Small bodies are answered synchronously, and an exception is thrown; for others the promise rejects. */
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
