/** What the search for dependants knows of the cluster. The caller reads it; everything here is pure. */
import { discoveryService, type PodEntry, proxyAddresses, type WorkloadEntry } from '../../dataplane/index.ts'
import type { Snapshot } from '../../inject/index.ts'
import type { JsonObject } from '../../json/index.ts'
import type { ObjectKind } from '../../kube/index.ts'
import { ControlPlanes, isIstiod, type ServiceName } from './control-planes.ts'

export interface RunningPod {
  readonly entry: PodEntry
  /** Where its proxy gets configuration and certificates. */
  readonly addresses: readonly string[]
  /** Those of the addresses that are Services of this cluster. */
  readonly services: readonly ServiceName[]
}

export interface JudgedWorkload {
  readonly entry: WorkloadEntry
  /** The workload, or the metadata of a bare pod; undefined: only its pods are known. */
  readonly object: JsonObject | undefined
}

export interface UsedByInput {
  readonly snapshot: Snapshot
  readonly objects: ReadonlyMap<ObjectKind, readonly JsonObject[]>
  /** Finished ones are left out here. */
  readonly pods: readonly PodEntry[]
  readonly podObjects: ReadonlyMap<string, JsonObject>
  readonly workloads: readonly JudgedWorkload[]
}

export interface UsedByFacts {
  readonly snapshot: Snapshot
  readonly controlPlanes: ControlPlanes
  readonly pods: readonly RunningPod[]
  readonly workloads: readonly JudgedWorkload[]
  /** Empty for a kind that was not read. */
  list(kind: ObjectKind): readonly JsonObject[]
}

export function usedByFacts({ snapshot, objects, pods, podObjects, workloads }: UsedByInput): UsedByFacts {
  const list = (kind: ObjectKind) => objects.get(kind) ?? []
  const running = pods.filter(({ state }) => state.kind !== 'finished')
  return {
    snapshot,
    controlPlanes: new ControlPlanes({
      deployments: list('deployment'),
      services: list('service'),
      tags: snapshot.tags,
    }),
    pods: running.map((entry) => {
      const object = podObjects.get(`${entry.namespace}/${entry.name}`)
      const addresses = object === undefined ? [] : proxyAddresses(object)
      return { entry, addresses, services: addresses.flatMap((one) => discoveryService(one) ?? []) }
    }),
    // An istiod is a part of its revision, whatever the labels of its pods ask for.
    workloads: workloads.filter(({ object }) => object === undefined || !isIstiod(object)),
    list,
  }
}
