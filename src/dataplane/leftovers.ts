/**
 * Fields that an earlier injection set and today's does not. The status annotation names the containers, volumes and pull secrets
 * that were injected; within an injected container only fields that no other writer adds by itself are compared.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import {
  annotationOf,
  containersOf,
  findContainer,
  findInPod,
  objectAt,
  specOf,
  textAt,
} from '../kube/index.ts'
import { causeAt } from './causes.ts'
import { type EarlierInjection, parseObject, proxyVariable, wasInjected } from './earlier-injection.ts'
import type { Difference, Injection } from './injection.ts'
import { itemsOf, type Path } from './paths.ts'

export function findLeftovers(
  pod: JsonObject,
  injection: Injection,
  earlier: EarlierInjection,
): readonly Difference[] {
  return [
    ...listedItems(pod, injection, earlier),
    ...containerFields(pod, injection, earlier),
    ...volumeSources(pod, injection, earlier),
    ...rewrittenProbes(pod, injection, earlier),
    ...podFields(pod, injection),
  ]
}

/** Containers, volumes and pull secrets that the status annotation lists and that would not be injected again. */
function listedItems(
  pod: JsonObject,
  { injected }: Injection,
  { names }: EarlierInjection,
): readonly Difference[] {
  const found: Difference[] = []
  for (const list of ['containers', 'initContainers', 'volumes', 'imagePullSecrets'] as const) {
    const before = itemsOf(list, own(specOf(pod), list)) ?? new Map<string, JsonObject>()
    const after = itemsOf(list, own(specOf(injected), list))
    for (const name of names[list]) {
      const item = before.get(name)
      const isKept =
        list === 'volumes' || list === 'imagePullSecrets' ? after?.has(name) : findInPod(injected, name)
      if (item === undefined || isKept) continue
      found.push(leftover(['spec', list, { item: name }], item))
    }
  }
  return found
}

const WHOLE_FIELDS = [
  'command',
  'args',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const
/** Variables that only Istio's templates and post-passes write. */
const ISTIO_VARIABLE =
  /^(?:ISTIO_|PILOT_|PROXY_CONFIG$|CA_ADDR$|TRUST_DOMAIN$|CANONICAL_|GOMEMLIMIT$|GOMAXPROCS$|DNS_AGENT$|OUTPUT_CERTS$)/

function containerFields(
  pod: JsonObject,
  { injected }: Injection,
  earlier: EarlierInjection,
): readonly Difference[] {
  const found: Difference[] = []
  const variables = earlierVariables(pod)
  for (const list of ['containers', 'initContainers'] as const) {
    for (const container of containersOf(pod, list)) {
      const name = textAt(container, 'name')
      // Templates may write containers of one name into both lists.
      const next = findContainer(containersOf(injected, list), name) ?? findInPod(injected, name)
      if (next === undefined || !wasInjected(earlier, name)) continue
      const at = (...rest: Path): Path => ['spec', list, { item: name }, ...rest]
      const isMoved = !containersOf(injected, list).includes(next)
      for (const field of WHOLE_FIELDS) {
        if (isMoved && (field === 'lifecycle' || field === 'startupProbe')) continue
        found.push(...extraKeys(own(container, field), own(next, field), at(field)))
      }
      found.push(...extraItems('env', { container, next, at }, (key) => variables(key)))
      found.push(
        ...extraItems('volumeMounts', { container, next, at }, (_, item) =>
          earlier.names.volumes.has(textAt(item, 'name')),
        ),
      )
      found.push(...extraItems('ports', { container, next, at }, () => true))
      found.push(...extraValues(container, next, at))
    }
  }
  return found
}

/** Names of Istio's own variables, and those that the pod's PROXY_CONFIG defines. */
function earlierVariables(pod: JsonObject): (name: string) => boolean {
  const config = parseObject(proxyVariable(pod, 'PROXY_CONFIG')) ?? {}
  const metadata = objectAt(config, 'proxyMetadata')
  return (name) => ISTIO_VARIABLE.test(name) || Object.hasOwn(metadata, name)
}

/** A field that injection would no longer write, or one handler of a lifecycle. */
function extraKeys(
  found: JsonValue | undefined,
  next: JsonValue | undefined,
  path: Path,
): readonly Difference[] {
  if (found === undefined) return []
  if (next === undefined) return [leftover(path, found)]
  if (path.at(-1) !== 'lifecycle' || !isObject(found) || !isObject(next)) return []
  return Object.entries(found)
    .filter(([key]) => !Object.hasOwn(next, key))
    .map(([key, value]) => leftover([...path, key], value))
}

interface Pair {
  readonly container: JsonObject
  readonly next: JsonObject
  at(...rest: Path): Path
}

function extraItems(
  list: 'env' | 'volumeMounts' | 'ports',
  { container, next, at }: Pair,
  isInjected: (key: string, item: JsonObject) => boolean,
): readonly Difference[] {
  const after = itemsOf(list, own(next, list))
  return [...(itemsOf(list, own(container, list)) ?? [])]
    .filter(([key, item]) => !after?.has(key) && isInjected(key, item))
    .map(([key, item]) => leftover(at(list, { item: key }), item))
}

/** Requests, limits and security settings beyond those stated; other-writers.ts decides who else may add them. */
function extraValues(container: JsonObject, next: JsonObject, at: Pair['at']): readonly Difference[] {
  const found: Difference[] = []
  for (const [outer, inner] of [
    ['resources', 'requests'],
    ['resources', 'limits'],
    ['securityContext', undefined],
  ] as const) {
    const [before, after] = [objectAt(container, outer), objectAt(next, outer)]
    const [there, stated] =
      inner === undefined ? [before, after] : [objectAt(before, inner), objectAt(after, inner)]
    for (const [key, value] of Object.entries(there)) {
      if (Object.hasOwn(stated, key)) continue
      found.push(leftover(inner === undefined ? at(outer, key) : at(outer, inner, key), value))
    }
  }
  return found
}

/** A volume has one source; without one it is an emptyDir. */
function volumeSources(
  pod: JsonObject,
  { injected, submitted }: Injection,
  { names }: EarlierInjection,
): readonly Difference[] {
  const [now, next, sent] = [pod, injected, submitted].map((one) =>
    itemsOf('volumes', own(specOf(one), 'volumes')),
  )
  return [...(next ?? [])].flatMap(([name, volume]) => {
    const there = now?.get(name)
    if (there === undefined || sent?.has(name) || !names.volumes.has(name)) return []
    const source = sourceOf(there)
    const stated = sourceOf(volume)
    // Another stated source is a statement that does not hold already.
    if (source === stated || Object.hasOwn(volume, stated)) return []
    return [leftover(['spec', 'volumes', { item: name }, source], own(there, source) ?? null)]
  })
}

function sourceOf(volume: JsonObject): string {
  return Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir'
}

const HANDLERS: readonly (readonly string[])[] = [
  ['readinessProbe'],
  ['livenessProbe'],
  ['startupProbe'],
  ['lifecycle', 'preStop'],
  ['lifecycle', 'postStart'],
]

/** A probe that pilot-agent serves and that would no longer be rewritten. */
function rewrittenProbes(
  pod: JsonObject,
  { injected }: Injection,
  earlier: EarlierInjection,
): readonly Difference[] {
  const found: Difference[] = []
  for (const list of ['containers', 'initContainers'] as const) {
    for (const container of containersOf(pod, list)) {
      const name = textAt(container, 'name')
      const next = wasInjected(earlier, name) ? undefined : findInPod(injected, name)
      if (next === undefined) continue
      for (const keys of HANDLERS) {
        const [there, stated] = [agentPath(container, keys), agentPath(next, keys)]
        if (there !== undefined && stated === undefined)
          found.push({
            path: ['spec', list, { item: name }, ...keys, 'httpGet'],
            within: '',
            cause: 'probes',
            stated: undefined,
            found: there,
          })
      }
    }
  }
  return found
}

function agentPath(container: JsonObject, keys: readonly string[]): string | undefined {
  let handler = container
  for (const key of keys) handler = objectAt(handler, key)
  const path = textAt(objectAt(handler, 'httpGet'), 'path')
  return /^\/app-(?:health|lifecycle)\//.test(path) ? path : undefined
}

const AGENT_PORT = '15020'

/** Metrics that the agent would no longer merge, and the group that earlier releases set. */
function podFields(pod: JsonObject, { injected }: Injection): readonly Difference[] {
  const found: Difference[] = []
  const port = annotationOf(pod, 'prometheus.io/port')
  if (port === AGENT_PORT && annotationOf(injected, 'prometheus.io/port') === undefined)
    found.push(leftover(['metadata', 'annotations', 'prometheus.io/port'], port))
  const group = own(objectAt(specOf(pod), 'securityContext'), 'fsGroup')
  if (group === 1337 && own(objectAt(specOf(injected), 'securityContext'), 'fsGroup') === undefined)
    found.push(leftover(['spec', 'securityContext', 'fsGroup'], group))
  return found
}

function leftover(path: Path, found: JsonValue): Difference {
  return { path, within: '', cause: causeAt(path), stated: undefined, found }
}
