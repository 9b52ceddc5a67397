/** Whether the control plane that a running proxy depends on still exists. */
import type { JsonObject } from '../json/index.ts'
import { readEarlierInjection } from './earlier-injection.ts'
import { discoveryService, readSidecar } from './existing-sidecar.ts'
import type { LedgerFacts } from './facts.ts'
import type { PodState } from './pod-state.ts'

/** The Service that its proxy connects to, or the configuration of the revision that injected it, no longer exists. */
export function findGone(pod: JsonObject, { snapshot, services }: LedgerFacts): PodState | undefined {
  const sidecar = readSidecar(pod)
  const service = sidecar === undefined ? undefined : discoveryService(sidecar.discoveryAddress)
  if (
    service !== undefined &&
    services !== undefined &&
    !services.has(`${service.namespace}/${service.name}`)
  )
    return { kind: 'orphaned', gone: 'service', name: `${service.namespace}/${service.name}` }
  const revision = readEarlierInjection(pod)?.revision
  // Earlier releases wrote the tag here.
  if (revision === undefined || snapshot.revisions.has(revision) || snapshot.tags.has(revision))
    return undefined
  return { kind: 'orphaned', gone: 'injector', name: revision }
}
