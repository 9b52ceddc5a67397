/** Limits the share of the event loop that compilation takes while the server answers. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Compilation runs for this long at a time; a step that has begun is finished. */
const TURN_MS = 2
/** A review takes several turns of the event loop. A single turn between two steps would still let reviews queue. */
const REST_SHARE = 2

/** Done once it has a state. */
export interface Job {
  readonly state: unknown
  advance(): void
}

export interface TurnClock {
  nowMs(): number
  rest(ms: number): Promise<unknown>
}

const PROCESS_CLOCK: TurnClock = { nowMs: () => performance.now(), rest: (ms) => sleep(ms) }

/**
 * Finishes the jobs in order, unless stopped before. Never throws, because a failed compilation is a valid
 * state.
 */
export async function compileInTurns(
  jobs: Iterable<Job>,
  stopped: () => boolean,
  { nowMs, rest }: TurnClock = PROCESS_CLOCK,
): Promise<void> {
  for (const job of jobs) {
    while (job.state === undefined && !stopped()) {
      const began = nowMs()
      do job.advance()
      while (job.state === undefined && nowMs() < began + TURN_MS)
      await rest(Math.ceil(REST_SHARE * (nowMs() - began)))
    }
  }
}
