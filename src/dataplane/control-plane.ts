/** Whether the control plane that a running proxy depends on still exists. */
import type { JsonObject } from '../json/index.ts'
import { readEarlierInjection } from './earlier-injection.ts'
import { discoveryService, readSidecar } from './existing-sidecar.ts'
import type { LedgerFacts } from './facts.ts'
import type { PodState } from './pod-state.ts'

export type GoneControlPlane = Extract<PodState, { readonly kind: 'orphaned' }>

/**
 * The Service that its proxy connects to, or the configuration of the revision that injected it, no longer exists. Without Services
 * nothing is judged: whoever left them out may have left out the configuration too.
 */
export function findGone(
  pod: JsonObject,
  { snapshot, services }: Pick<LedgerFacts, 'snapshot' | 'services'>,
): GoneControlPlane | undefined {
  if (services === undefined) return undefined
  const sidecar = readSidecar(pod)
  const service = sidecar === undefined ? undefined : discoveryService(sidecar.discoveryAddress)
  if (service !== undefined && !services.has(`${service.namespace}/${service.name}`))
    return { kind: 'orphaned', gone: 'service', name: `${service.namespace}/${service.name}` }
  const revision = readEarlierInjection(pod)?.revision
  const { revisions, tags, external } = snapshot
  // Earlier releases wrote the tag here.
  if (revision === undefined || [revisions, tags, external].some((known) => known?.has(revision)))
    return undefined
  return { kind: 'orphaned', gone: 'injector', name: revision }
}
