/** Owns: what a hostile case is, and running one. Its speed is measured by bench/micro/hostile.ts. Not a test of its own. */
import type { Outcome } from '../../src/inject/index.ts'

export interface HostileCase<A = Outcome> {
  readonly name: string
  run(): A
}

export interface HostileGroup {
  readonly name: string
  readonly cases: readonly HostileCase[]
}

export interface Ran<A> {
  readonly answer: A
  /** What the process spent, on all its threads. */
  readonly cpuMs: number
}

/** Far above what any case takes, even with coverage on a busy machine: only what would never end goes beyond it. */
export const HANG_CPU_MS = 2000

export function runCase<A>({ run }: HostileCase<A>): Ran<A> {
  const began = process.cpuUsage()
  const answer = run()
  const { user, system } = process.cpuUsage(began)
  return { answer, cpuMs: (user + system) / 1000 }
}
