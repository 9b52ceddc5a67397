/**
 * Answers large reviews in steps, each in a separate turn of the event loop. Otherwise many large reviews that arrive
 * together would all be answered before a probe or a small review; now those wait for one step. Namespaces take turns,
 * review by review, so one that sends many delays the large reviews of others by one review only; within a namespace
 * the order is that of arrival. in-flight-bytes.ts limits how many bytes may wait.
 */
import { finish, type RunSteps, type Steps } from '../steps.ts'

/** Nearly all pods are smaller, and their answers take a millisecond or less. */
const LARGE_BYTES = 128 * 1024

export interface Waiting {
  readonly bodyBytes: number
  /** Reviews of one group wait for each other: of one namespace and one client address. */
  readonly group: string
  /** Nobody reads the answer any more: no further step is taken, and the promise rejects. */
  hasGone(): boolean
}

/** Runs the next step of one review, and returns true after the last. */
type NextStep = () => boolean

export class Turns {
  /** By group; the first one is next. */
  readonly #waiting = new Map<string, NextStep[]>()

  /** Small bodies are answered synchronously, and an exception is thrown; for others the promise rejects. */
  forBody(waiting: Waiting): RunSteps {
    return waiting.bodyBytes < LARGE_BYTES ? finish : (steps) => this.#run(steps, waiting)
  }

  #run<T>(steps: Steps<T | Promise<T>>, { group, hasGone }: Waiting): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const next: NextStep = () => {
      if (!hasGone()) return takeStep(steps, resolve, reject)
      reject(new Error('the client has gone'))
      return true
    }
    if (this.#waiting.size === 0) setImmediate(this.#turn)
    const others = this.#waiting.get(group)
    if (others === undefined) this.#waiting.set(group, [next])
    else others.push(next)
    return promise
  }

  readonly #turn = (): void => {
    const [first] = this.#waiting
    if (first === undefined) return
    const [group, reviews] = first
    // The review stays in the list until its last step is done, so that others wait their turn.
    if (reviews[0]?.() !== false) {
      reviews.shift()
      this.#waiting.delete(group)
      if (reviews.length > 0) this.#waiting.set(group, reviews)
    }
    if (this.#waiting.size > 0) setImmediate(this.#turn)
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
