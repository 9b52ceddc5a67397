/**
 * A template's output in Go's types and merged into an empty pod, to the extent that it is the same for all requests
 * that take the same path through the template.
 */
import {
  type ConstantTexts,
  equalJson,
  isObject,
  type JsonObject,
  type JsonValue,
  own,
} from '../../json/index.ts'
import { isList, listAt, specOf, textAt } from '../../kube/index.ts'
import { type FieldType, isSettled, lookupType, type SchemaField } from '../../merge/index.ts'
import { type Build, compileBuild } from './build.ts'
import type { ParsedOutput } from './parsed-output.ts'

/** Lists of the spec whose items are identified by name. */
const NAMED_LISTS = ['initContainers', 'containers', 'volumes', 'imagePullSecrets'] as const

export interface TypedForm {
  /** The template's output merged into an empty pod. */
  readonly template: Build
  /** The output for merging into a pod that has no items in common with it; its items are typed already. */
  patch(template: JsonObject, values: readonly string[]): JsonObject
  /** isSettled of each such patch. */
  readonly settled: boolean
  /** Whether the pod has an item of the same name as one of the output's, so that they would be merged. */
  collides(pod: JsonObject): boolean
}

/**
 * Undefined if a value may affect more than its own position: the name of an item, a quantity.
 * @param intoEmpty the merge into an empty pod, typed
 * @param constants gets the parts that are the same for all requests
 */
export function typeOutput(
  { sample, split }: ParsedOutput,
  intoEmpty: (patch: JsonObject) => JsonObject,
  constants: ConstantTexts,
): TypedForm | undefined {
  try {
    const typed = intoEmpty(sample)
    const pod = lookupType('Pod')
    if (pod === undefined || !placesOnly(typed, { kind: 'struct', goType: pod.goType, struct: pod }, split))
      return undefined
    const lists = NAMED_LISTS.filter((name) => own(specOf(sample), name) !== undefined)
    const names = lists.map((name) => [name, namesOf(specOf(sample), name)] as const)
    const same = lists.every((name, i) => sameItems(names[i]?.[1] ?? [], listAt(specOf(typed), name)))
    const clean = lists.every((name) => isClean(listAt(specOf(typed), name)))
    if (!same || !clean) return undefined
    const template = compileBuild(typed, { split, constants }) ?? (() => typed)
    // What is taken from the typed output need not be built twice.
    const rest = withoutLists(sample, lists)
    const buildRest = compileBuild(rest, { split, constants }) ?? (() => rest)
    const patch: TypedForm['patch'] = (built, values) =>
      withLists(buildRest(values) as JsonObject, built, lists)
    const ofSample = withLists(sample, typed, lists)
    if (!equalJson(intoEmpty(ofSample), typed)) return undefined
    const collides: TypedForm['collides'] = (subject) =>
      names.some(([list, known]) => has(subject, list, known))
    // Values are only used as texts.
    return { template, patch, settled: isSettled(ofSample), collides }
  } catch {
    // It does not merge or has a wrong type, at least with placeholders: merging for each request reports the error.
    return undefined
  }
}

function withoutLists(patch: JsonObject, lists: readonly string[]): JsonObject {
  const spec = Object.entries(specOf(patch)).filter(([name]) => !lists.includes(name))
  return { ...patch, spec: Object.fromEntries(spec) }
}

function withLists(patch: JsonObject, typed: JsonObject, lists: readonly string[]): JsonObject {
  const spec: { [key: string]: JsonValue } = { ...specOf(patch) }
  for (const list of lists) spec[list] = listAt(specOf(typed), list)
  return { ...patch, spec }
}

function namesOf(spec: JsonObject, list: string): readonly string[] {
  return listAt(spec, list).map((item) => (isObject(item) ? textAt(item, 'name') : ''))
}

function sameItems(names: readonly string[], items: readonly JsonValue[]): boolean {
  const distinct = new Set(names)
  return (
    distinct.size === names.length &&
    !distinct.has('') &&
    names.length === items.length &&
    items.every((item, i) => isObject(item) && own(item, 'name') === names[i])
  )
}

/** No null, which would delete, and no directive. */
function isClean(value: JsonValue): boolean {
  if (value === null) return false
  if (isList(value)) return value.every(isClean)
  return (
    !isObject(value) || Object.entries(value).every(([key, item]) => !key.startsWith('$') && isClean(item))
  )
}

function has(pod: JsonObject, list: string, names: readonly string[]): boolean {
  for (const item of listAt(specOf(pod), list)) {
    if (isObject(item) && names.includes(textAt(item, 'name'))) return true
  }
  return false
}

/** Whether every placeholder is at a position where any text is treated alike. */
function placesOnly(
  value: JsonValue,
  type: FieldType,
  split: ParsedOutput['split'],
  field?: SchemaField,
): boolean {
  if (typeof value === 'string')
    return split(value) === undefined || (type.kind === 'scalar' && type.scalar === 'string')
  if (isList(value)) {
    if (type.kind !== 'list') return !mentions(value, split)
    // A set of texts merges by value.
    if (field?.merges === true && type.elem.kind === 'scalar') return !mentions(value, split)
    return value.every(
      (item) => keyIsFixed(item, field?.mergeKey, split) && placesOnly(item, type.elem, split),
    )
  }
  if (!isObject(value)) return true
  if (type.kind === 'map') return Object.values(value).every((item) => placesOnly(item, type.elem, split))
  if (type.kind !== 'struct') return !mentions(value, split)
  return Object.entries(value).every(([key, item]) => {
    const known = type.struct.byName.get(key)
    return known === undefined ? !mentions(item, split) : placesOnly(item, known.type, split, known)
  })
}

function keyIsFixed(item: JsonValue, key: string | undefined, split: ParsedOutput['split']): boolean {
  const name = key === undefined || !isObject(item) ? undefined : own(item, key)
  return typeof name !== 'string' || split(name) === undefined
}

function mentions(value: JsonValue, split: ParsedOutput['split']): boolean {
  if (typeof value === 'string') return split(value) !== undefined
  if (isList(value)) return value.some((item) => mentions(item, split))
  return isObject(value) && Object.values(value).some((item) => mentions(item, split))
}
