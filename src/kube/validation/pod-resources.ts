/** What a pod requests and limits, as the scheduler and ResourceQuota count it, and what a LimitRange allows. */
import { isObject, type JsonObject, type JsonValue, own } from '../../json/index.ts'
import { quantityValue } from '../quantity-value.ts'
import { objectAt, specOf, textAt } from '../typed-pod.ts'
import { itemsOf, type NamedItem } from './pod-problem.ts'

export type ResourceSide = 'requests' | 'limits'

/** `requests` and `limits` of one container after the defaults of Kubernetes and of LimitRanges. */
export interface ContainerResources {
  readonly container: NamedItem
  readonly requests: ReadonlyMap<string, bigint>
  readonly limits: ReadonlyMap<string, bigint>
  /** An init container that ends before the containers start. */
  readonly ends: boolean
}

export interface LimitRangeItem {
  /** `LimitRange shop/limits`, for messages. */
  readonly title: string
  readonly item: JsonObject
}

/** The items of one type (`Container`, `Pod`) of LimitRanges. */
export function limitItems(ranges: readonly JsonObject[], type: string): readonly LimitRangeItem[] {
  return ranges.flatMap((range) => {
    const metadata = objectAt(range, 'metadata')
    const title = `LimitRange ${textAt(metadata, 'namespace')}/${textAt(metadata, 'name')}`
    const limits = own(specOf(range), 'limits')
    return (Array.isArray(limits) ? limits : [])
      .filter(isObject)
      .filter((item) => textAt(item, 'type') === type)
      .map((item) => ({ title, item }))
  })
}

/** LimitRanges give defaults to every container, also to injected ones: the plug-in runs again after webhooks. */
export function resourcesOf(
  pod: JsonObject,
  ranges: readonly JsonObject[] = [],
): readonly ContainerResources[] {
  const spec = specOf(pod)
  const defaults = limitItems(ranges, 'Container').map(({ item }) => item)
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    itemsOf(spec, list, 'spec').map((container) => {
      const resources = objectAt(container.item, 'resources')
      const limits = quantities(objectAt(resources, 'limits'))
      const requests = quantities(objectAt(resources, 'requests'))
      // Kubernetes' own default comes first: what has a limit requests as much.
      for (const [name, value] of limits) if (!requests.has(name)) requests.set(name, value)
      for (const item of defaults) {
        addMissing(limits, quantities(objectAt(item, 'default')))
        addMissing(requests, quantities(objectAt(item, 'defaultRequest')))
      }
      return {
        container,
        requests,
        limits,
        ends: list === 'initContainers' && own(container.item, 'restartPolicy') !== 'Always',
      }
    }),
  )
}

/**
 * The pod's sum of a resource. Undefined: for limits, a container without one has no bound, which ResourceQuota refuses
 * and nothing can sum up.
 */
export function podSum(
  containers: readonly ContainerResources[],
  side: ResourceSide,
  resource: string,
): bigint {
  let running = 0n
  let most = 0n
  for (const one of containers) {
    const amount = one[side].get(resource) ?? 0n
    // Init containers run one after the other, beside the native sidecars that started before.
    if (one.ends) most = running + amount > most ? running + amount : most
    else running += amount
  }
  return running > most ? running : most
}

export function quantities(object: JsonObject): Map<string, bigint> {
  const found = new Map<string, bigint>()
  for (const [name, value] of Object.entries(object)) {
    const amount = amountOf(value)
    if (amount !== undefined) found.set(name, amount)
  }
  return found
}

function amountOf(value: JsonValue): bigint | undefined {
  return typeof value === 'string' || typeof value === 'number' ? quantityValue(value) : undefined
}

function addMissing(target: Map<string, bigint>, defaults: ReadonlyMap<string, bigint>): void {
  for (const [name, value] of defaults) if (!target.has(name)) target.set(name, value)
}
