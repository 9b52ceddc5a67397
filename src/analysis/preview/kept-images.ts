/**
 * Proxy images that stay while the control plane changes, and whether Istio supports the pair: those that workloads set
 * themselves, and those of running pods, which stay until the pods are created again. Istio: the control plane may be one minor
 * release ahead of the proxy, and never behind it.
 */
import { readInjected } from '../../dataplane/index.ts'
import type { Snapshot } from '../../inject/index.ts'
import { PROXY_CONTAINER, parseIstioVersion } from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { findInPod, textAt } from '../../kube/index.ts'
import type { RunningWorkload, WorkloadPreview } from './preview-workloads.ts'

export interface KeptImage {
  readonly image: string
  /** The Istio release of the control plane after the move. */
  readonly istioVersion: string
  /** Minor releases that the control plane is ahead of the proxy; negative: behind it; undefined: the tag does not say. */
  readonly ahead: number | undefined
  /** `workload`: new pods have the image, too. `running pods`: they have it until they are created again. */
  readonly keptBy: 'workload' | 'running pods'
  /** Of running pods: how many have the image. */
  readonly pods?: number
  readonly workloads: readonly WorkloadPreview[]
}

/** @param running by the title of the workload; undefined: no cluster was read */
export function findKeptImages(
  workloads: readonly WorkloadPreview[],
  running: ReadonlyMap<string, RunningWorkload> | undefined,
  snapshot: Snapshot,
): readonly KeptImage[] {
  const ofRunning = running === undefined ? [] : imagesOfRunning(workloads, running, snapshot)
  return [...imagesOfWorkloads(workloads), ...ofRunning]
}

/** Those whose image is the same before and after, though their control plane is of another release. */
function imagesOfWorkloads(workloads: readonly WorkloadPreview[]): readonly KeptImage[] {
  const groups = new ImageGroups()
  for (const workload of workloads) {
    const { before, after } = workload
    const version = after.decided?.istioVersion
    if (before.kind !== 'patched' || after.kind !== 'patched' || version === undefined) continue
    if (before.decided?.istioVersion === version) continue
    const [old, image] = [imageOf(before.pod), imageOf(after.pod)]
    if (image !== undefined && old === image) groups.add(image, version, workload)
  }
  return groups.all().map(({ pods: _, ...group }) => ({ ...group, keptBy: 'workload' }))
}

/**
 * A running proxy stays with the control plane that injected it, whose configuration may be of a newer release by now. Only
 * another minor release matters, and a tag without a release says nothing.
 */
function imagesOfRunning(
  workloads: readonly WorkloadPreview[],
  running: ReadonlyMap<string, RunningWorkload>,
  { revisions }: Snapshot,
): readonly KeptImage[] {
  const groups = new ImageGroups()
  for (const workload of workloads) {
    for (const pod of running.get(workload.title)?.pods ?? []) {
      const sidecar = readInjected(pod)
      const version = revisions.get(sidecar?.revision ?? '')?.config?.version.text
      if (sidecar !== undefined && version !== undefined) groups.add(sidecar.image, version, workload)
    }
  }
  return groups
    .all()
    .filter(({ ahead }) => ahead !== undefined && ahead !== 0)
    .map((group) => ({ ...group, keptBy: 'running pods' }))
}

/** By image and release of the control plane. */
class ImageGroups {
  readonly #groups = new Map<string, ImageGroup>()

  add(image: string, istioVersion: string, workload: WorkloadPreview): void {
    const key = `${image} ${istioVersion}`
    const group = this.#groups.get(key) ?? { image, istioVersion, workloads: new Set(), pods: 0 }
    group.workloads.add(workload)
    group.pods++
    this.#groups.set(key, group)
  }

  all() {
    return [...this.#groups.values()].map((group) => ({
      ...group,
      ahead: minorsAhead(group.istioVersion, group.image),
      workloads: [...group.workloads],
    }))
  }
}

interface ImageGroup {
  readonly image: string
  readonly istioVersion: string
  readonly workloads: Set<WorkloadPreview>
  /** How often the image was added. */
  pods: number
}

export function isSupportedSkew(ahead: number | undefined): boolean | undefined {
  return ahead === undefined ? undefined : ahead === 0 || ahead === 1
}

function imageOf(pod: JsonObject): string | undefined {
  const proxy = findInPod(pod, PROXY_CONTAINER)
  return proxy && textAt(proxy, 'image')
}

function minorsAhead(controlPlane: string, image: string): number | undefined {
  const [named = ''] = image.split('@')
  const last = named.slice(named.lastIndexOf('/') + 1)
  const proxy = parseIstioVersion(last.slice(last.indexOf(':') + 1))
  const plane = parseIstioVersion(controlPlane)
  if (proxy === undefined || plane === undefined || proxy.major !== plane.major) return undefined
  return plane.minor - proxy.minor
}
