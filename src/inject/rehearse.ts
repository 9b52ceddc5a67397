/**
 * Owns: trying a new configuration on pods that the last one met, before it serves. The ways through its templates are
 * found by that, for which else the first reviews would wait (10 to 25 ms each; 1 ms after it).
 */
import { inject } from './inject.ts'
import { selectTemplates } from './select-templates.ts'
import { memoryOf } from './shape/revision-memory.ts'
import type { Revision, Snapshot } from './snapshot.ts'
import type { Steps } from './steps.ts'

/** Executed at first sight, followed at the second, remembered at the third. */
const SIGHTS = 3

/**
 * One injection a step. Changes nothing but what `revision`'s configuration remembers, and never throws: a defect that
 * a pod meets is told when a review brings it.
 * @param before the state of the revision that serves meanwhile
 * @param snapshot what serves meanwhile
 */
export function* rehearse(
  { config, ...revision }: Revision,
  before: Revision | undefined,
  snapshot: Snapshot,
): Steps<void> {
  // The last good configuration stays where the newest one does not compile.
  if (config === undefined || before?.config === undefined || config === before.config) return
  const revisions = new Map([...snapshot.revisions, [revision.name, { ...revision, config }]])
  const next = { ...snapshot, revisions }
  const memory = memoryOf(config)
  const { counts } = memory
  const requests = memoryOf(before.config).examples.requests()
  if (requests.length === 0) return
  for (const name of selectTemplates(config.injector, undefined)) {
    yield
    memory.template(name)
  }
  for (const request of requests) {
    for (let sight = 1; sight <= SIGHTS; sight++) {
      yield
      const { executed } = counts
      try {
        // Once is enough of a pod that is refused, which may take long.
        if (inject(request, next).kind !== 'patched') break
      } catch {
        break
      }
      if (counts.executed === executed) break
    }
  }
  Object.assign(counts, { remembered: 0, executed: 0 })
}
