/**
 * The differences between two injections of one pod, field by field with both values, grouped by the areas that people
 * check before a migration. A container that only moves between containers and initContainers (the native sidecar) is
 * compared as the same container. group-changes.ts finds the workloads that share a change.
 */

import { INIT_CONTAINER, PROXY_CONTAINER, VALIDATION_CONTAINER } from '../../istio/index.ts'
import {
  equalJson,
  isObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '../../json/index.ts'
import {
  type ContainerField,
  comparePods,
  containersOf,
  findContainer,
  isList,
  listAt,
  type PodDifference,
  specOf,
  textAt,
} from '../../kube/index.ts'
import { wordKeys } from '../explain/pod-fields.ts'

/** Categories of changes; each change is in one area. */
export const CHANGE_AREAS = {
  image: 'the image of an injected container differs',
  containers:
    'an injected container is added, is removed, or becomes a native sidecar or an ordinary container',
  resources: 'requests or limits of an injected container differ',
  security: 'a security context of the pod or of an injected container differs',
  env: 'an environment variable of an injected container differs',
  proxy: 'any other field of an injected container differs: arguments, ports, probes',
  volumes: 'a volume or a mount of an injected container differs',
  application: "one of the workload's own containers differs",
  metadata: 'a label or an annotation differs',
  pod: "any other field of the pod's spec differs",
} as const
export type ChangeArea = keyof typeof CHANGE_AREAS

/** `spec.containers[istio-proxy].image`; `...env[PROXY_CONFIG].value{concurrency}` inside a text that is JSON. */
export interface FieldChange extends PodDifference {
  readonly area: ChangeArea
}

/** @param submitted the pod before any injection: its containers are the workload's own */
export function findFieldChanges(
  before: JsonObject,
  after: JsonObject,
  submitted: JsonObject,
): readonly FieldChange[] {
  const { pod, moved } = alignContainers(before, after)
  const own = ownContainers(submitted)
  const differences = comparePods(pod, after).filter(meansSomething).flatMap(openTexts).flatMap(openWords)
  return [...moved, ...differences].map((difference) => ({
    ...difference,
    area: areaOf(difference.path, own),
  }))
}

/** When Istio re-encodes a container that it moves, it writes the empty struct, which means the same as its absence. */
function meansSomething({ path, before, after }: PodDifference): boolean {
  if (!/\.(?:resources|securityContext)$/.test(path)) return true
  const isEmpty = (value: JsonValue | undefined) =>
    value === undefined || (isObject(value) && Object.keys(value).length === 0)
  return !isEmpty(before) || !isEmpty(after)
}

interface Aligned {
  /** The earlier pod with its containers in the lists of the later one. */
  readonly pod: JsonObject
  readonly moved: readonly PodDifference[]
}

const OTHER = { containers: 'initContainers', initContainers: 'containers' } as const

function alignContainers(before: JsonObject, after: JsonObject): Aligned {
  let pod = before
  const moved: PodDifference[] = []
  for (const field of ['containers', 'initContainers'] as const) {
    const other = OTHER[field]
    for (const [index, item] of containersOf(after, field).entries()) {
      const ahead = containersOf(after, field)[index - 1]
      const name = textAt(item, 'name')
      const here = findContainer(containersOf(pod, field), name)
      const there = findContainer(containersOf(pod, other), name)
      const goes = there !== undefined && findContainer(containersOf(after, other), name) === undefined
      if (here !== undefined || there === undefined || !goes) continue
      pod = moveContainer(pod, there, { from: other, to: field, ahead: ahead && textAt(ahead, 'name') })
      moved.push({ path: `spec.${field}[${name}] (list)`, before: other, after: field })
    }
  }
  return { pod, moved }
}

interface Places {
  readonly from: ContainerField
  readonly to: ContainerField
  /** The container that it then follows, so that the order of the others does not change. */
  readonly ahead: string | undefined
}

function moveContainer(pod: JsonObject, container: JsonObject, { from, to, ahead }: Places): JsonObject {
  const { [from]: list, ...spec } = specOf(pod)
  const rest = isList(list) ? list.filter((item) => item !== container) : []
  const into = listAt(spec, to)
  const index =
    into.findIndex((item) => isObject(item) && ahead !== undefined && textAt(item, 'name') === ahead) + 1
  const moved = [...into.slice(0, index), container, ...into.slice(index)]
  // Without its last container the list is absent, as in a pod that never had one.
  return { ...pod, spec: { ...spec, ...(rest.length > 0 && { [from]: rest }), [to]: moved } }
}

/** If a text is JSON on both sides (PROXY_CONFIG and the like), its fields are compared. */
function openTexts(difference: PodDifference): readonly PodDifference[] {
  const [before, after] = [objectIn(difference.before), objectIn(difference.after)]
  const inner = before === undefined || after === undefined ? [] : comparePods(before, after)
  if (inner.length === 0) return [difference]
  return inner.map((one) => ({ ...one, path: `${difference.path}{${one.path}}` }))
}

function objectIn(value: JsonValue | undefined): JsonObject | undefined {
  if (typeof value !== 'string' || !value.startsWith('{')) return undefined
  try {
    const inner = parseJson(value)
    return isObject(inner) ? inner : undefined
  } catch {
    // A user's own text that only begins like JSON.
    return undefined
  }
}

/** Arguments are compared by their flags, if these identify them. */
function openWords(difference: PodDifference): readonly PodDifference[] {
  const [before, after] = [wordsIn(difference.before), wordsIn(difference.after)]
  if (difference.path.endsWith(' (order)')) return [difference]
  if (before === undefined || after === undefined) return [difference]
  const found: PodDifference[] = []
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key), after.get(key)]
    if (!equalJson(old, now)) found.push({ path: `${difference.path}[${key}]`, before: old, after: now })
  }
  const orders = [
    [...before.keys()].filter((key) => after.has(key)),
    [...after.keys()].filter((key) => before.has(key)),
  ] as const
  if (!equalJson(...orders))
    found.push({ path: `${difference.path} (order)`, before: orders[0], after: orders[1] })
  return found
}

function wordsIn(value: JsonValue | undefined): ReadonlyMap<string, JsonValue> | undefined {
  const list: JsonArray = isList(value) ? value : []
  const keys = list.length === 0 ? undefined : wordKeys(list)
  return keys && new Map(keys.map((key, index) => [key, list[index] ?? null]))
}

const INJECTED: ReadonlySet<string> = new Set([PROXY_CONTAINER, INIT_CONTAINER, VALIDATION_CONTAINER])

/**
 * An istio-proxy that the workload has itself (a gateway, a pod that was injected before) still counts as the sidecar.
 */
function ownContainers(submitted: JsonObject): ReadonlySet<string> {
  const all = [...containersOf(submitted, 'containers'), ...containersOf(submitted, 'initContainers')]
  return new Set(all.map((container) => textAt(container, 'name')).filter((name) => !INJECTED.has(name)))
}

const CONTAINER_AREAS: ReadonlyMap<string, ChangeArea> = new Map([
  ['image', 'image'],
  ['resources', 'resources'],
  ['resizePolicy', 'resources'],
  ['securityContext', 'security'],
  ['env', 'env'],
  ['envFrom', 'env'],
  ['volumeMounts', 'volumes'],
  ['volumeDevices', 'volumes'],
])

function areaOf(path: string, own: ReadonlySet<string>): ChangeArea {
  const [, name, field] = /^spec\.(?:initContainers|containers)\[([^\]]*)\](?:\.(\w+))?/.exec(path) ?? []
  if (name !== undefined) {
    if (own.has(name)) return 'application'
    return field === undefined ? 'containers' : (CONTAINER_AREAS.get(field) ?? 'proxy')
  }
  if (/^metadata\b/.test(path)) return 'metadata'
  if (/^spec\.(?:initContainers|containers)\b/.test(path)) return 'containers'
  if (/^spec\.volumes\b/.test(path)) return 'volumes'
  return /^spec\.securityContext\b/.test(path) ? 'security' : 'pod'
}
