/**
 * Work in steps. Compiling a configuration or answering a large review takes tens of milliseconds, which would delay all other
 * requests. So the work yields between steps, and the caller decides when to continue.
 */

/** Each `yield` allows the caller to pause. Whether and how long it pauses does not affect the result. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Runs steps to their result, perhaps over several turns of the event loop. */
export type RunSteps = <T>(steps: Steps<T | Promise<T>>) => T | Promise<T>

/** Runs all steps without a pause. Throws what a step throws. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
