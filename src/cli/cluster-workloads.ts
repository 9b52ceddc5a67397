/** The workloads of a cluster that will create pods. */
import { workloadsAmong } from '../analysis/index.ts'
import type { ObjectReader } from '../cluster/index.ts'
import type { JsonObject } from '../json/index.ts'
import { type ObjectKind, textAt, WORKLOAD_KINDS } from '../kube/index.ts'
import type { PodSubject } from './pod-subject.ts'

/**
 * By namespace, then kind and name.
 * @param namespace undefined: all of them
 * @throws RemoraError where a kind cannot be listed
 */
export async function listWorkloads(
  objects: ObjectReader,
  namespace?: string,
): Promise<readonly PodSubject[]> {
  const found = new Map<ObjectKind, readonly JsonObject[]>()
  for (const kind of WORKLOAD_KINDS) found.set(kind, await objects.list(kind, namespace))
  return workloadsAmong(found, await objects.others(namespace)).map((workload) => {
    const { title, object, pod } = workload
    return {
      title,
      namespace: workload.namespace,
      object,
      pod,
      ...(textAt(object, 'kind') === 'Pod' ? { existing: object } : {}),
    }
  })
}
