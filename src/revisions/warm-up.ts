/**
 * Warm-up: a new configuration injects a few pods of its predecessor before it serves, so that its templates are
 * specialised by then. Otherwise the first reviews would wait for that (10 to 25 ms each; 1 ms after it).
 */
import {
  cacheBytesOfRevision,
  type InjectOptions,
  inject,
  type Revision,
  type Snapshot,
  selectTemplates,
} from '../inject/index.ts'
import type { Steps } from '../steps.ts'

/** Executed for the first and the second request, specialised from the third on. */
const REPEATS = 3

/**
 * One injection per step. Changes only the caches of `revision`'s configuration, and never throws: a defect shows when
 * a review runs into it.
 * @param before the state of the revision that serves meanwhile
 * @param serving what serves meanwhile, and with which options
 */
export function* warmUp(
  { config, ...revision }: Revision,
  before: Revision | undefined,
  { snapshot, options }: { readonly snapshot: Snapshot; readonly options: InjectOptions },
): Steps<void> {
  // The last good configuration stays if the newest one does not compile.
  if (config === undefined || before?.config === undefined || config === before.config) return
  const revisions = new Map([...snapshot.revisions, [revision.name, { ...revision, config }]])
  const next = { ...snapshot, revisions }
  const cache = config.useCache(cacheBytesOfRevision(options, revisions))
  const { counts } = cache
  const requests = before.config.cache?.warmUp.requests() ?? []
  if (requests.length === 0) return
  for (const name of selectTemplates(config.injector, undefined)) {
    yield
    cache.template(name)
  }
  for (const request of requests) {
    for (let i = 1; i <= REPEATS; i++) {
      yield
      const { misses } = counts
      try {
        // One attempt is enough for a pod that is refused, which may take long.
        if (inject(request, next, options).kind !== 'patched') break
      } catch {
        break
      }
      if (counts.misses === misses) break
    }
  }
  Object.assign(counts, { hits: 0, misses: 0 })
}
