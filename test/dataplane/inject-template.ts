/** Injects a pod by the core, as a webhook would have when it was created. */
import { findDesired } from '../../src/dataplane/index.ts'
import type { Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'

/** @throws if it is not injected */
export function injection(pod: JsonObject, snapshot: Snapshot): JsonObject {
  const desired = findDesired(pod, { snapshot, options: {} })
  if (desired.kind !== 'sidecar') throw new Error(JSON.stringify(desired))
  return desired.injection.injected
}
