/**
 * The kinds that a live cluster watches, each with its store: in all namespaces, or, with rights by namespace, the
 * kinds that define revisions and tags in each listed namespace. reflector.ts watches one of them.
 */

import type { TrustOptions } from '../../istio/index.ts'
import type { ClusterObject } from '../../revisions/index.ts'
import type { ResourceStatus } from '../cluster.ts'
import { DefinitionStore } from './definition-store.ts'
import { type LeftOut, type ObjectStore, ResourceStore, type StoredObject } from './resource-store.ts'
import {
  ALL_DEPLOYMENTS,
  DEFINITION_NAMES,
  type DefinitionName,
  ofNamespace,
  RESOURCE_NAMES,
  RESOURCES,
  type ResourceName,
  type WatchedResource,
} from './resources.ts'
import { STORE_LIMITS } from './store-limits.ts'

export interface Followed {
  readonly resource: WatchedResource
  readonly store: FollowedStore
}

interface FollowedStore extends ObjectStore {
  readonly leftOut: LeftOut
  objects(): Generator<ClusterObject>
}

export function isDefinition(name: ResourceName): name is DefinitionName {
  return (DEFINITION_NAMES as readonly ResourceName[]).includes(name)
}

/** By kind; a kind may occur once per namespace. @param allDeployments lists those of applications too */
export function followedResources(
  { namespaces, only }: TrustOptions,
  onChange: (name: ResourceName) => void,
  allDeployments = false,
): Readonly<Record<ResourceName, readonly Followed[]>> {
  const rows = RESOURCE_NAMES.map((name): readonly [ResourceName, readonly Followed[]] => {
    const changed = (): void => onChange(name)
    if (!isDefinition(name))
      return [name, [{ resource: RESOURCES[name], store: new ResourceStore(changed, STORE_LIMITS[name]) }]]
    const resources = only
      ? namespaces.map((namespace) => ofNamespace(RESOURCES[name], namespace))
      : [allDeployments && name === 'deployments' ? ALL_DEPLOYMENTS : RESOURCES[name]]
    return [
      name,
      resources.map((resource) => ({ resource, store: new DefinitionStore(changed, STORE_LIMITS[name]) })),
    ]
  })
  // One row per name.
  return Object.fromEntries(rows) as Record<ResourceName, readonly Followed[]>
}

export function* objectsOf(followed: readonly Followed[]): Generator<ClusterObject> {
  for (const { store } of followed) yield* store.objects()
}

export function findObject(followed: readonly Followed[], key: string): StoredObject | undefined {
  for (const { store } of followed) {
    const found = store.get(key)
    if (found !== undefined) return found
  }
  return undefined
}

const WORST_FIRST: readonly ResourceStatus['state'][] = ['reading', 'interrupted', 'absent', 'watching']

/** One row per kind with the worst state of its namespaces. */
export function mergeStatus(rows: readonly ResourceStatus[]): readonly ResourceStatus[] {
  const byResource = new Map<string, ResourceStatus>()
  for (const row of rows) {
    const other = byResource.get(row.resource)
    byResource.set(row.resource, other === undefined ? row : worse(other, row))
  }
  return RESOURCE_NAMES.flatMap((name) => byResource.get(name) ?? [])
}

function worse(one: ResourceStatus, other: ResourceStatus): ResourceStatus {
  return {
    resource: one.resource,
    state: WORST_FIRST.find((state) => state === one.state || state === other.state) ?? one.state,
    synced: one.synced && other.synced,
    objects: one.objects + other.objects,
    staleForMs: Math.max(one.staleForMs, other.staleForMs),
    restarts: one.restarts + other.restarts,
  }
}
