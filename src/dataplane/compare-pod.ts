/**
 * Compares a running pod with what injection states for its template today. leftovers.ts finds what an earlier injection
 * stated and today's does not; other-writers.ts decides who else may have written a field.
 */
import type { JsonObject } from '../json/index.ts'
import { type ContainerField, containersOf, findContainer, findInPod, textAt } from '../kube/index.ts'
import { causeAt } from './causes.ts'
import { type EarlierInjection, readEarlierInjection, wasInjected } from './earlier-injection.ts'
import type { Difference, Injection } from './injection.ts'
import { findLeftovers } from './leftovers.ts'
import { readWriters, writerOf } from './other-writers.ts'
import { containerAt, lookUp, type Path, pathText } from './paths.ts'
import type { FieldDifference, StaleCause } from './pod-state.ts'
import { findMismatches, mayBeAbsent } from './satisfies.ts'
import type { Statement } from './statements.ts'

/** Empty: the pod has what injection states. */
export function comparePod(pod: JsonObject, injection: Injection): readonly FieldDifference[] {
  const earlier = readEarlierInjection(pod)
  const found = [
    ...compareRevision(earlier, injection.revision),
    ...compareStatements(pod, injection),
    ...(earlier === undefined ? [] : findLeftovers(pod, injection, earlier)),
  ]
  const writers = readWriters(pod, injection.submitted)
  const byPath = new Map<string, FieldDifference>()
  for (const difference of found) {
    const writer = writerOf(difference, writers)
    if (writer === 'default') continue
    const path = pathText(difference.path) + difference.within
    const { cause, stated, found: value } = difference
    if (!byPath.has(path))
      byPath.set(path, { path, cause, stated, found: value, ...(writer !== undefined && { writer }) })
  }
  return [...byPath.values()]
}

/** Earlier releases do not record it, and then it is not compared. */
function compareRevision(earlier: EarlierInjection | undefined, revision: string): readonly Difference[] {
  const found = earlier?.revision
  if (found === undefined || found === revision) return []
  return [
    {
      path: ['metadata', 'annotations', 'sidecar.istio.io/status'],
      within: '{revision}',
      cause: 'revision',
      stated: revision,
      found,
    },
  ]
}

function compareStatements(
  pod: JsonObject,
  { statements, injected, submitted }: Injection,
): readonly Difference[] {
  const moved = findMoved(pod, injected, submitted)
  const found: Difference[] = [...moved.values()].map(({ to, from, name }) => ({
    path: ['spec', to, { item: name }],
    within: ' (list)',
    cause: 'form',
    stated: to,
    found: from,
  }))
  for (const { path, value } of statements) {
    const container = containerAt(path)
    const move = container === undefined ? undefined : moved.get(container)
    if (move !== undefined && FORM_FIELDS.has(path[3])) continue
    const place = move === undefined ? path : (['spec', move.from, ...path.slice(2)] as Path)
    found.push(...compareStatement(pod, { path, value }, { place, injected }))
  }
  return found
}

/** Their values follow from the form of the proxy. */
const FORM_FIELDS: ReadonlySet<unknown> = new Set(['restartPolicy', 'lifecycle', 'startupProbe'])

interface Where {
  /** The path in the running pod. */
  readonly place: Path
  readonly injected: JsonObject
}

function compareStatement(
  pod: JsonObject,
  { path, value }: Statement,
  { place, injected }: Where,
): readonly Difference[] {
  const there = lookUp(pod, place)
  if (value === undefined) {
    if ('missing' in there || mayBeAbsent(there.value)) return []
    return [{ path, within: '', cause: causeAt(path), stated: undefined, found: there.value }]
  }
  if ('missing' in there) {
    if (mayBeAbsent(value) && there.missing === path.length - 1 && !isOnlySource(path)) return []
    const whole = wholeOf(path, there.missing)
    const stated = lookUp(injected, whole)
    return [
      {
        path: whole,
        within: '',
        cause: causeAt(whole),
        stated: 'value' in stated ? stated.value : value,
        found: undefined,
      },
    ]
  }
  return findMismatches(value, there.value, path).map(({ within, stated, found }) => ({
    path,
    within,
    cause: OF_PROXY_CONFIG.get(within) ?? causeAt(path),
    stated,
    found,
  }))
}

/** Fields of PROXY_CONFIG with a cause of their own. */
const OF_PROXY_CONFIG: ReadonlyMap<string, StaleCause> = new Map([
  ['{discoveryAddress}', 'discovery-address'],
  ['{image}', 'proxy-image'],
])

/** The whole of what is missing: a container, a volume, a variable, an annotation. */
function wholeOf(path: Path, existing: number): Path {
  const isListOrMap = typeof path[existing + 1] === 'object' || (path[0] === 'metadata' && existing === 1)
  return path.slice(0, existing + (isListOrMap ? 2 : 1))
}

/** `emptyDir: {}` says what the volume is. */
function isOnlySource(path: Path): boolean {
  return path[1] === 'volumes' && path.length === 4
}

interface Moved {
  readonly name: string
  readonly from: ContainerField
  readonly to: ContainerField
}

const OTHER = { containers: 'initContainers', initContainers: 'containers' } as const

/** Injected containers that the pod has in the other list. */
function findMoved(pod: JsonObject, injected: JsonObject, submitted: JsonObject): ReadonlyMap<string, Moved> {
  const earlier = readEarlierInjection(pod)
  const moved = new Map<string, Moved>()
  for (const to of ['containers', 'initContainers'] as const) {
    const from = OTHER[to]
    for (const container of containersOf(injected, to)) {
      const name = textAt(container, 'name')
      if (findInPod(submitted, name) !== undefined && !wasInjected(earlier, name)) continue
      const here = findContainer(containersOf(pod, to), name)
      if (here === undefined && findContainer(containersOf(pod, from), name) !== undefined)
        moved.set(name, { name, from, to })
    }
  }
  return moved
}
