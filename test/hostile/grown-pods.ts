/**
 * Pods of a given size in which one list or map takes all of it, for every list and map of a Pod, including those
 * that Kubernetes adds to the schema table. Not a test.
 */
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { type FieldType, lookupType, type SchemaField, type SchemaType } from '../../src/merge/index.ts'

export interface GrownPod {
  /** The position of the list or map, and the items by which it grows. */
  readonly name: string
  /** A pod whose JSON has about so many bytes. */
  make(bytes: number): JsonObject
}

type Mutable = { [key: string]: JsonValue }
/** The value put around what grows: from the innermost outwards. */
type Around = (value: JsonValue) => JsonValue

/** Every list and map of every struct, each by its shortest path from the pod; lists of objects also with equal keys. */
export function grownPods(): readonly GrownPod[] {
  const pod = typeOf('Pod')
  const seen = new Set<string>()
  const found: GrownPod[] = []
  let level: readonly Place[] = [{ type: pod, path: '', around: (value) => value }]
  while (level.length > 0) {
    level = level.flatMap((place) => visit(place, seen, found))
  }
  return [...found, ...ownContainers()]
}

interface Place {
  readonly type: SchemaType
  readonly path: string
  readonly around: Around
}

/** Adds the lists and maps of one struct; returns the structs below that were not seen. */
function visit({ type, path, around }: Place, seen: Set<string>, found: GrownPod[]): readonly Place[] {
  const below: Place[] = []
  for (const field of type.fields) {
    const key = `${type.name}.${field.name}`
    if (seen.has(key)) continue
    seen.add(key)
    const here = `${path}${path === '' ? '' : '.'}${field.name}`
    const inField: Around = (value) => around({ ...sampleStruct(type, 0), [field.name]: value })
    if (field.type.kind === 'struct') below.push({ type: field.type.struct, path: here, around: inField })
    if (field.type.kind !== 'list' && field.type.kind !== 'map') continue
    found.push(...grown(here, field, inField))
    const { elem } = field.type
    if (elem.kind !== 'struct') continue
    const inItem: Around = (value) => inField(field.type.kind === 'list' ? [value] : { k0: value })
    below.push({ type: elem.struct, path: `${here}[]`, around: inItem })
  }
  return below
}

function grown(path: string, field: SchemaField, around: Around): readonly GrownPod[] {
  const { type } = field
  if (type.kind === 'map') {
    const { elem } = type
    return [
      {
        name: path,
        make: (bytes) =>
          asPod(around(mapOf(count(bytes, sample(elem, 0), 14), (i) => [`key-${i}`, sample(elem, i)]))),
      },
    ]
  }
  if (type.kind !== 'list') return []
  const { elem } = type
  const listOf = (bytes: number, item: (i: number) => JsonValue): readonly JsonValue[] =>
    Array.from({ length: count(bytes, item(9999), 1) }, (_, i) => item(i))
  const pods: GrownPod[] = [
    { name: path, make: (bytes) => asPod(around(listOf(bytes, (i) => sample(elem, i)))) },
  ]
  if (field.mergeKey !== undefined)
    pods.push({
      name: `${path}, equal`,
      make: (bytes) => asPod(around(listOf(bytes, () => sample(elem, 7)))),
    })
  return pods
}

/** An ordinary container, and the pod's own of Istio's names, which are merged with the template's and written into an annotation. */
function ownContainers(): readonly GrownPod[] {
  const container = typeOf('Container')
  const found: GrownPod[] = []
  for (const list of ['containers', 'initContainers'] as const) {
    for (const name of list === 'containers' ? ['other', 'istio-proxy'] : ['istio-proxy', 'istio-init']) {
      const around: Around = (own) => {
        const containers = [{ name: 'web', image: 'web:1' }]
        // What is put around is a container.
        const named = { ...(own as JsonObject), name }
        return {
          spec:
            list === 'containers' ? { containers: [...containers, named] } : { containers, [list]: [named] },
        }
      }
      let level: readonly Place[] = [{ type: container, path: `${list}[${name}]`, around }]
      const seen = new Set<string>()
      while (level.length > 0) level = level.flatMap((place) => visit(place, seen, found))
    }
  }
  return found
}

/** So that the JSON of so many samples has about so many bytes. */
function count(bytes: number, item: JsonValue, more: number): number {
  return Math.max(1, Math.ceil(bytes / (JSON.stringify(item).length + more)))
}

function mapOf(length: number, entry: (i: number) => readonly [string, JsonValue]): JsonObject {
  return Object.fromEntries(Array.from({ length }, (_, i) => entry(i)))
}

/** With what every pod has. */
function asPod(value: JsonValue): JsonObject {
  const pod = value as { readonly metadata?: JsonObject; readonly spec?: JsonObject } // `around` ends with a Pod
  const spec: Mutable = { ...pod.spec }
  const containers = spec['containers']
  if (!Array.isArray(containers) || containers.length === 0)
    spec['containers'] = [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }]
  return { ...pod, apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', ...pod.metadata }, spec }
}

/** A value that Go's decoder takes; different for each `i`. */
function sample(type: FieldType, i: number): JsonValue {
  switch (type.kind) {
    case 'scalar':
      return type.scalar === 'string' ? `v-${i}` : type.scalar === 'bool' ? true : 1 + (i % 60_000)
    case 'special':
      return {
        quantity: `${1 + i}m`,
        intOrString: 1 + (i % 60_000),
        time: '2026-01-02T03:04:05Z',
        rawObject: {},
      }[type.special]
    case 'list':
      return [sample(type.elem, i)]
    case 'map':
      return { [`k-${i}`]: sample(type.elem, i) }
    case 'struct':
      return sampleStruct(type.struct, i)
  }
}

/** The fields that Go always writes, and those by which items are identified. */
function sampleStruct({ name, fields }: SchemaType, i: number): JsonObject {
  if (name === 'Pod' || name === 'ObjectMeta' || name === 'PodSpec') return {}
  const wanted = fields.filter(
    (field) =>
      (field.type.kind === 'scalar' &&
        (!field.omitEmpty || field.name === 'name' || field.name === 'image')) ||
      field.name === 'containerPort',
  )
  return Object.fromEntries(wanted.map((field) => [field.name, sample(field.type, i)]))
}

function typeOf(name: string): SchemaType {
  const type = lookupType(name)
  if (type === undefined) throw new Error(`the schema table has no type ${name}`)
  return type
}
