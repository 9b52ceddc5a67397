/** Owns: how much of the event loop compiling takes while the server answers. */
import { setTimeout as rest } from 'node:timers/promises'
import type { RevisionJob } from '../revisions/index.ts'

/** Worked at once; a step that is begun is finished. */
const TURN_MS = 2
/** A review takes several turns of the event loop, so one turn between two steps would still let reviews queue. */
const REST_SHARE = 2

/**
 * Finishes the jobs, one after the other, unless it is stopped before. Never throws: what does not compile is a state,
 * too.
 */
export async function compileInTurns(jobs: Iterable<RevisionJob>, stopped: () => boolean): Promise<void> {
  for (const job of jobs) {
    while (job.state === undefined && !stopped()) {
      const began = performance.now()
      do job.advance()
      while (job.state === undefined && performance.now() < began + TURN_MS)
      await rest(Math.ceil(REST_SHARE * (performance.now() - began)))
    }
  }
}
