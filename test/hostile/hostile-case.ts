/** What a hostile case is, and what is known of one that ran. Not a test of its own. */

export interface HostileCase {
  readonly name: string
  /** Makes the input; what it returns is what is measured. */
  prepare(): () => Answer
}

export interface Answer {
  readonly kind: string
  readonly code: string
}

/** What a process that ran one case writes to its output, as JSON. */
export interface Ran extends Answer {
  /** What the case took on all threads, its input and the configuration left aside. */
  readonly cpuMs: number
  /** Of the whole process. */
  readonly peakRssBytes: number
}

export const FAMILIES = ['annotations', 'pods', 'templates'] as const
export type Family = (typeof FAMILIES)[number]
