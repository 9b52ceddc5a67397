/** What LimitRanges refuse about a pod (the LimitRanger admission plug-in). */
import { type JsonObject, own } from '../../json/index.ts'
import { objectAt } from '../typed-pod.ts'
import {
  type ContainerResources,
  type LimitRangeItem,
  limitItems,
  podSum,
  quantities,
  resourcesOf,
} from './pod-resources.ts'

export interface LimitViolation {
  /** `LimitRange shop/limits`. */
  readonly by: string
  /** `container istio-proxy`, `the pod`. */
  readonly who: string
  /** `has a memory limit above the maximum 512Mi`. */
  readonly what: string
}

export function limitRangeViolations(
  pod: JsonObject,
  ranges: readonly JsonObject[],
): readonly LimitViolation[] {
  if (ranges.length === 0) return []
  const containers = resourcesOf(pod, ranges)
  return [
    ...limitItems(ranges, 'Container').flatMap((range) =>
      containers.flatMap((container) =>
        violations(range, `container ${container.container.name}`, (side, resource) =>
          container[side].get(resource),
        ),
      ),
    ),
    ...limitItems(ranges, 'Pod').flatMap((range) =>
      violations(range, 'the pod', (side, resource) =>
        hasAny(containers, side, resource) ? podSum(containers, side, resource) : undefined,
      ),
    ),
  ]
}

/** A sum exists if one container has the value. */
function hasAny(
  containers: readonly ContainerResources[],
  side: 'requests' | 'limits',
  resource: string,
): boolean {
  return containers.some((container) => container[side].has(resource))
}

type Amount = (side: 'requests' | 'limits', resource: string) => bigint | undefined

function violations({ title, item }: LimitRangeItem, who: string, amount: Amount): readonly LimitViolation[] {
  const found: string[] = []
  const bound = (key: string) => objectAt(item, key)
  for (const [resource, most] of quantities(bound('max'))) {
    const text = shown(bound('max'), resource)
    const limit = amount('limits', resource)
    const request = amount('requests', resource)
    if (limit === undefined) found.push(`has no ${resource} limit, and the maximum is ${text}`)
    else if (limit > most) found.push(`has a ${resource} limit above the maximum ${text}`)
    else if (request !== undefined && request > most)
      found.push(`requests more ${resource} than the maximum ${text}`)
  }
  for (const [resource, least] of quantities(bound('min'))) {
    const text = shown(bound('min'), resource)
    const request = amount('requests', resource)
    if (request === undefined) found.push(`has no ${resource} request, and the minimum is ${text}`)
    else if (request < least) found.push(`requests less ${resource} than the minimum ${text}`)
  }
  // A container without a limit gets this one; validation then refuses a larger request.
  for (const [resource, standard] of quantities(bound('default'))) {
    const [limit, request] = [amount('limits', resource), amount('requests', resource)]
    if (limit === standard && request !== undefined && request > limit)
      found.push(`requests more ${resource} than the default limit ${shown(bound('default'), resource)}`)
  }
  for (const [resource, ratio] of quantities(bound('maxLimitRequestRatio'))) {
    const [limit, request] = [amount('limits', resource), amount('requests', resource)]
    // The ratio is a quantity, too: in billionths.
    if (limit !== undefined && request !== undefined && limit * 1_000_000_000n > request * ratio)
      found.push(
        `has a ${resource} limit of more than ${shown(bound('maxLimitRequestRatio'), resource)} times its request`,
      )
  }
  return found.map((what) => ({ by: title, who, what }))
}

function shown(bounds: JsonObject, resource: string): string {
  return String(own(bounds, resource))
}
