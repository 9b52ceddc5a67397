/** What ResourceQuotas refuse about single pods, and what all pods of a namespace would use of them. */
import { isObject, type JsonObject, own } from '../../json/index.ts'
import { listAt, objectAt, specOf, textAt } from '../typed-pod.ts'
import { type ContainerResources, podSum, quantities, type ResourceSide } from './pod-resources.ts'

export interface QuotaLine {
  /** `ResourceQuota shop/compute`. */
  readonly title: string
  /** `limits.cpu`, as the quota writes it. */
  readonly name: string
  readonly side: ResourceSide
  readonly resource: string
  readonly hard: bigint
  /** As the quota writes it. */
  readonly text: string
}

/** Lines about compute resources. Quotas with scopes count only some pods and are left out. */
export function quotaLines(quotas: readonly JsonObject[]): readonly QuotaLine[] {
  return quotas.flatMap((quota) => {
    const spec = specOf(quota)
    const metadata = objectAt(quota, 'metadata')
    if (listAt(spec, 'scopes').length > 0 || isObject(own(spec, 'scopeSelector'))) return []
    const title = `ResourceQuota ${textAt(metadata, 'namespace')}/${textAt(metadata, 'name')}`
    const hard = objectAt(spec, 'hard')
    return [...quantities(hard)].flatMap(([name, amount]) => {
      const split = sideOf(name)
      return split === undefined
        ? []
        : [{ title, name, ...split, hard: amount, text: String(own(hard, name)) }]
    })
  })
}

const COMPUTE = new Set(['cpu', 'memory', 'ephemeral-storage'])

function sideOf(name: string): { readonly side: ResourceSide; readonly resource: string } | undefined {
  if (COMPUTE.has(name)) return { side: 'requests', resource: name }
  for (const side of ['requests', 'limits'] as const)
    if (name.startsWith(`${side}.`) && COMPUTE.has(name.slice(side.length + 1)))
      return { side, resource: name.slice(side.length + 1) }
  return undefined
}

/** Containers that must state the value, because the quota limits its sum, and do not. */
export function withoutValue(
  containers: readonly ContainerResources[],
  { side, resource }: QuotaLine,
): readonly string[] {
  // Kubernetes asks it for cpu and memory only.
  if (resource !== 'cpu' && resource !== 'memory') return []
  return containers
    .filter((container) => !container[side].has(resource))
    .map(({ container }) => container.name)
}

export function usedBy(containers: readonly ContainerResources[], { side, resource }: QuotaLine): bigint {
  return podSum(containers, side, resource)
}
