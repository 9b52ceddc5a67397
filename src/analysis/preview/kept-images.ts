/**
 * Workloads that choose their proxy image themselves, so that it stays while their control plane changes: whether Istio
 * supports the pair. Istio: the control plane may be one minor release ahead of the proxy, and never behind it.
 */
import { PROXY_CONTAINER, parseIstioVersion } from '../../istio/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { findInPod, textAt } from '../../kube/index.ts'
import type { WorkloadPreview } from './preview-workloads.ts'

export interface KeptImage {
  readonly image: string
  /** The Istio release of the control plane after the move. */
  readonly istioVersion: string
  /** Minor releases that the control plane is ahead of the proxy; negative: behind it; undefined: the tag does not say. */
  readonly ahead: number | undefined
  readonly workloads: readonly WorkloadPreview[]
}

/** Those whose image is the same before and after, though their control plane is of another release. */
export function findKeptImages(workloads: readonly WorkloadPreview[]): readonly KeptImage[] {
  const groups = new Map<
    string,
    { readonly image: string; readonly version: string; readonly of: WorkloadPreview[] }
  >()
  for (const workload of workloads) {
    const { before, after } = workload
    const version = after.decided?.istioVersion
    if (before.kind !== 'patched' || after.kind !== 'patched' || version === undefined) continue
    if (before.decided?.istioVersion === version) continue
    const [old, image] = [imageOf(before.pod), imageOf(after.pod)]
    if (image === undefined || old !== image) continue
    const known = groups.get(`${image} ${version}`)
    if (known === undefined) groups.set(`${image} ${version}`, { image, version, of: [workload] })
    else known.of.push(workload)
  }
  return [...groups.values()].map(({ image, version, of }) => ({
    image,
    istioVersion: version,
    ahead: minorsAhead(version, image),
    workloads: of,
  }))
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
