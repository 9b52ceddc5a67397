/**
 * Owns: work in steps. A configuration takes tens of milliseconds to compile, in which a server would answer nobody;
 * so compiling says where it may rest, and whoever drives it says when.
 */

/** Each `yield` is a place where it may rest. Whether and how long it rests changes nothing of what it gives. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Without a rest. Throws what a step throws. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
