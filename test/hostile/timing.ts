/** What one injection costs, apart from what else the machine does. Not a test of its own. */
import { inject, type Outcome } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { requestFor, type revision, snapshotOf } from '../inject/revision-fixture.ts'

/** What a hostile request may cost before it is refused. */
export const LIMIT_MS = 100

export interface Timed {
  readonly outcome: Outcome
  readonly ms: number
}

/** The best of up to five runs, each by wall clock or by the process' own time, whichever says less. */
export function timed(run: () => Outcome): Timed {
  let ms = Number.POSITIVE_INFINITY
  let outcome: Outcome | undefined
  for (let i = 0; outcome === undefined || (i < 5 && ms > LIMIT_MS / 2); i++) {
    const wall = performance.now()
    const cpu = process.cpuUsage()
    outcome = run()
    const { user, system } = process.cpuUsage(cpu)
    ms = Math.min(ms, performance.now() - wall, (user + system) / 1000)
  }
  return { outcome, ms }
}

export function timedWith(config: ReturnType<typeof revision>, object: JsonObject): Timed {
  const snapshot = snapshotOf(config)
  return timed(() => inject(requestFor(object), snapshot))
}
