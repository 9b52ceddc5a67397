/**
 * The custom resource RevisionRollout (remora.dev/v1alpha1), validated. The CRD in the chart has the same rules, but
 * folders and files have no API server that applies them.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { compileSelector, KubeError, type LabelPredicate, textAt } from '../kube/index.ts'
import { RolloutError } from './errors.ts'
import { PERCENT_EXPECTED, readPercent } from './percent.ts'

export const ROLLOUT_GROUP = 'remora.dev'
export const ROLLOUT_API_VERSION = `${ROLLOUT_GROUP}/v1alpha1`
export const ROLLOUT_KIND = 'RevisionRollout'

/** The pods that a rollout moves: those that would get this revision, or that were found through this tag. */
export type RolloutFrom = { readonly by: 'revision' | 'tag'; readonly name: string }

export interface RevisionRollout {
  readonly name: string
  /** RFC 3339; empty if the object has none, as in a file. */
  readonly createdAt: string
  readonly from: RolloutFrom
  /** The name of a revision. */
  readonly to: string
  readonly seed: string
  /** The share in slots of 10,000. */
  readonly slots: number
  /** Percentages of `spec.steps` in slots; empty if the percentage is set by hand. */
  readonly steps: readonly number[]
  /** Undefined: all namespaces. */
  readonly selects: LabelPredicate | undefined
  /** Keys are made by `exclusionKey`; the value is the group, undefined for any. */
  readonly excluded: ReadonlyMap<string, ReadonlySet<string | undefined>>
  readonly includesGateways: boolean
  /** The object that it was read from. */
  readonly object: JsonObject
}

export function exclusionKey(workload: {
  readonly namespace: string
  readonly kind: string
  readonly name: string
}): string {
  return `${workload.namespace}/${workload.kind}/${workload.name}`
}

/** @throws RolloutError */
export function parseRollout(object: JsonObject): RevisionRollout {
  const metadata = objectAt(object, 'metadata', '')
  const spec = objectAt(object, 'spec', '')
  const name = requiredText(metadata, 'name', 'metadata')
  const from = readFrom(spec)
  const to = requiredText(objectAt(spec, 'to', 'spec'), 'revision', 'spec.to')
  if (from.by === 'revision' && from.name === to)
    throw new RolloutError('spec.to.revision', `${quoted(to)} is also spec.from.revision; nothing would move`)
  const seed = readSeed(spec) ?? name
  return Object.freeze({
    name,
    createdAt: textAt(metadata, 'creationTimestamp'),
    from,
    to,
    seed,
    ...readShare(object, spec),
    selects: readSelector(spec),
    excluded: readExclusions(spec),
    includesGateways: readGateways(spec),
    object,
  })
}

/** As a manifest with the fields that affect decisions. */
export function rolloutManifest({ object }: RevisionRollout): JsonObject {
  const [metadata, status] = [own(object, 'metadata'), own(object, 'status')]
  const reached = isObject(status) ? own(status, 'percent') : undefined
  const created = isObject(metadata) ? textAt(metadata, 'creationTimestamp') : ''
  return {
    apiVersion: ROLLOUT_API_VERSION,
    kind: ROLLOUT_KIND,
    metadata: {
      name: isObject(metadata) ? textAt(metadata, 'name') : '',
      ...(created !== '' && { creationTimestamp: created }),
    },
    spec: own(object, 'spec') ?? {},
    ...(reached !== undefined && { status: { percent: reached } }),
  }
}

/** If several rollouts apply to a pod, the oldest one is used, and of the same age the first by name. */
export function sortRollouts(rollouts: Iterable<RevisionRollout>): readonly RevisionRollout[] {
  const age = ({ createdAt }: RevisionRollout) => createdAt || '9999'
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return [...rollouts].sort((a, b) => compare(age(a), age(b)) || compare(a.name, b.name))
}

function readFrom(spec: JsonObject): RolloutFrom {
  const from = objectAt(spec, 'from', 'spec')
  const [revision, tag] = [own(from, 'revision'), own(from, 'tag')]
  if ((revision === undefined) === (tag === undefined))
    throw new RolloutError('spec.from', 'expected exactly one of revision and tag')
  const by = revision === undefined ? 'tag' : 'revision'
  return { by, name: requiredText(from, by, 'spec.from') }
}

function readSeed(spec: JsonObject): string | undefined {
  const seed = own(spec, 'seed')
  if (seed === undefined) return undefined
  if (typeof seed !== 'string' || !/^[A-Za-z0-9._-]{1,253}$/.test(seed))
    throw new RolloutError(
      'spec.seed',
      `expected 1 to 253 letters, digits, ".", "_" or "-", found ${quoted(seed)}`,
    )
  return seed
}

/** `spec.percent` is set by people and GitOps; with `spec.steps` the controller sets `status.percent`. */
function readShare(object: JsonObject, spec: JsonObject): Pick<RevisionRollout, 'slots' | 'steps'> {
  const [percent, steps] = [own(spec, 'percent'), own(spec, 'steps')]
  if ((percent === undefined) === (steps === undefined))
    throw new RolloutError('spec', 'expected exactly one of percent and steps')
  if (steps === undefined) return { slots: slotsAt(percent, 'spec.percent'), steps: [] }
  const status = own(object, 'status')
  const reached = isObject(status) ? own(status, 'percent') : undefined
  return {
    slots: reached === undefined ? 0 : slotsAt(reached, 'status.percent'),
    steps: readSteps(steps),
  }
}

function readSteps(steps: JsonValue): readonly number[] {
  if (!Array.isArray(steps) || steps.length === 0)
    throw new RolloutError('spec.steps', 'expected a list of at least one step')
  const shares: number[] = []
  for (const [index, step] of (steps as readonly JsonValue[]).entries()) {
    const path = `spec.steps[${index}]`
    const known = isObject(step) ? ['percent', 'pause'].filter((key) => own(step, key) !== undefined) : []
    if (!isObject(step) || known.length !== 1 || Object.keys(step).length !== 1)
      throw new RolloutError(path, 'expected exactly one of percent and pause')
    const percent = own(step, 'percent')
    if (percent === undefined) continue
    const slots = slotsAt(percent, `${path}.percent`)
    if (slots <= (shares.at(-1) ?? 0))
      throw new RolloutError(`${path}.percent`, 'expected more than in the step before, and more than 0')
    shares.push(slots)
  }
  if (shares.length === 0) throw new RolloutError('spec.steps', 'expected at least one step with percent')
  return shares
}

function slotsAt(value: JsonValue | undefined, path: string): number {
  const slots = readPercent(value)
  if (slots === undefined)
    throw new RolloutError(path, `expected ${PERCENT_EXPECTED}, found ${quoted(value)}`)
  return slots
}

function readSelector(spec: JsonObject): LabelPredicate | undefined {
  if (own(spec, 'namespaces') === undefined) return undefined
  const path = 'spec.namespaces.selector'
  const selector = objectAt(objectAt(spec, 'namespaces', 'spec'), 'selector', 'spec.namespaces')
  const matchLabels = own(selector, 'matchLabels')
  const expressions = own(selector, 'matchExpressions')
  try {
    return compileSelector({
      ...(matchLabels !== undefined && { matchLabels: textsAt(matchLabels, `${path}.matchLabels`) }),
      ...(expressions !== undefined && {
        matchExpressions: listOf(expressions, `${path}.matchExpressions`).map((item, index) =>
          readRequirement(item, `${path}.matchExpressions[${index}]`),
        ),
      }),
    })
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    throw new RolloutError(error.path === undefined ? path : `${path}.${error.path}`, error.problem)
  }
}

function readRequirement(item: JsonValue, path: string) {
  if (!isObject(item)) throw new RolloutError(path, 'expected an object')
  const values = own(item, 'values')
  return {
    key: requiredText(item, 'key', path),
    operator: requiredText(item, 'operator', path),
    ...(values !== undefined && {
      values: listOf(values, `${path}.values`).map((value, index) => {
        if (typeof value !== 'string')
          throw new RolloutError(`${path}.values[${index}]`, `expected a string, found ${quoted(value)}`)
        return value
      }),
    }),
  }
}

function readExclusions(spec: JsonObject): RevisionRollout['excluded'] {
  const excluded = new Map<string, Set<string | undefined>>()
  for (const [index, item] of listOf(own(spec, 'exclude') ?? [], 'spec.exclude').entries()) {
    const path = `spec.exclude[${index}]`
    if (!isObject(item)) throw new RolloutError(path, 'expected an object')
    const [namespace, kind, name] = ['namespace', 'kind', 'name'].map((key) => requiredText(item, key, path))
    const key = exclusionKey({ namespace: namespace ?? '', kind: kind ?? '', name: name ?? '' })
    const groups = excluded.get(key) ?? new Set()
    const group = own(item, 'group')
    groups.add(typeof group === 'string' ? group : undefined)
    excluded.set(key, groups)
  }
  return excluded
}

function readGateways(spec: JsonObject): boolean {
  const gateways = own(spec, 'gateways') ?? 'exclude'
  if (gateways !== 'include' && gateways !== 'exclude')
    throw new RolloutError('spec.gateways', `expected include or exclude, found ${quoted(gateways)}`)
  return gateways === 'include'
}

function objectAt(object: JsonObject, key: string, path: string): JsonObject {
  const value = own(object, key)
  if (isObject(value)) return value
  const full = path === '' ? key : `${path}.${key}`
  throw new RolloutError(
    full,
    value === undefined ? 'is required' : `expected an object, found ${quoted(value)}`,
  )
}

function requiredText(object: JsonObject, key: string, path: string): string {
  const value = own(object, key)
  if (typeof value === 'string' && value !== '') return value
  throw new RolloutError(
    `${path}.${key}`,
    value === undefined ? 'is required' : `expected a string, found ${quoted(value)}`,
  )
}

function textsAt(value: JsonValue, path: string): { readonly [key: string]: string } {
  if (!isObject(value)) throw new RolloutError(path, 'expected an object')
  for (const [key, text] of Object.entries(value))
    if (typeof text !== 'string')
      throw new RolloutError(`${path}.${key}`, `expected a string, found ${quoted(text)}`)
  return value as { readonly [key: string]: string } // checked above
}

function listOf(value: JsonValue, path: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value as readonly JsonValue[] // Array.isArray does not narrow readonly arrays
  throw new RolloutError(path, `expected a list, found ${quoted(value)}`)
}

function quoted(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
