/** The form of a hostile case and of its result. Not a test. */
import type { Steps } from '../../src/steps.ts'

export interface HostileCase {
  readonly name: string
  /** Makes the input. What the result does is measured, in the steps in which the server would do it. */
  prepare(): () => Steps<Answer>
}

export interface Answer {
  readonly kind: string
  readonly code: string
}

/** What a process that ran one case writes to its output, as JSON. */
export interface Ran extends Answer {
  /** What the case took on all threads, its input and the configuration left aside. */
  readonly cpuMs: number
  /** CPU time of the main thread in the longest step: for so long no other request gets an answer. */
  readonly longestStepMs: number
  /** Of the whole process. */
  readonly peakRssBytes: number
}

export const FAMILIES = ['annotations', 'pods', 'templates'] as const
export type Family = (typeof FAMILIES)[number]
