/**
 * Random values for the types of the schema table: mostly valid ones, sometimes values that no type accepts. Few
 * distinct names, so that items of two pods match.
 */
import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { type FieldType, lookupType, type SchemaType } from '../../src/merge/index.ts'

const FIELDS: ReadonlySet<string> = new Set(
  (
    'kind apiVersion metadata spec status namespace labels annotations finalizers ownerReferences uid creationTimestamp ' +
    'generation name containers initContainers volumes env value valueFrom fieldRef fieldPath ports containerPort ' +
    'protocol volumeMounts mountPath args resources limits requests readinessProbe httpGet port securityContext ' +
    'runAsUser privileged hostNetwork priority tolerations key items path secret optional'
  ).split(' '),
)

export interface RandomPodOptions {
  /** What the values of maps are called. */
  readonly keys: readonly string[]
  /** Also nulls, unknown fields, and fields in other case and order. */
  readonly odd: boolean
  /** Also what no type takes. */
  readonly wrong?: boolean
}

/** A value of the named struct. */
export function randomTyped(name: string, options: RandomPodOptions): fc.Arbitrary<JsonObject> {
  const type = lookupType(name)
  if (type === undefined) throw new Error(`no type ${name}`)
  return structOf(type, options, 0)
}

const scalars = {
  string: fc.constantFrom('a', 'b', 'istio-proxy', ''),
  bool: fc.boolean(),
  int32: fc.constantFrom(0, 1, 53, -1),
  int64: fc.constantFrom(0, 1, 2 ** 40),
}

const specials = {
  quantity: fc.constantFrom<JsonValue>('1', '100m', '64Mi', '2048Mi', '0', '1.5Gi', '9999Ki', 2, ' 1 '),
  intOrString: fc.constantFrom<JsonValue>('http', 80, 0),
  time: fc.constantFrom<JsonValue>(
    '2024-05-01T10:00:00Z',
    '2024-05-01T12:00:00.5+02:00',
    '0001-01-01T00:00:00Z',
  ),
  rawObject: fc.constant<JsonValue>({ b: 1, a: 2 }),
}

const wrong = fc.constantFrom<JsonValue>(-0, 1.5, 2 ** 33, 'x', true, [], {}, [1], 'nope')

function anyValue(type: FieldType, options: RandomPodOptions, depth: number): fc.Arbitrary<JsonValue> {
  const right = { arbitrary: rightValue(type, options, depth), weight: 60 }
  const choices = [right]
  if (options.odd) choices.push({ arbitrary: fc.constant(null), weight: 2 })
  if (options.wrong) choices.push({ arbitrary: wrong, weight: 1 })
  return choices.length === 1 ? right.arbitrary : fc.oneof(...choices)
}

function rightValue(type: FieldType, options: RandomPodOptions, depth: number): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case 'scalar':
      return scalars[type.scalar]
    case 'special':
      return specials[type.special]
    case 'list':
      return fc.array(anyValue(type.elem, options, depth + 1), { maxLength: 4 })
    case 'map':
      return fc.dictionary(fc.constantFrom(...options.keys), anyValue(type.elem, options, depth + 1))
    case 'struct':
      return structOf(type.struct, options, depth)
  }
}

function structOf(type: SchemaType, options: RandomPodOptions, depth: number): fc.Arbitrary<JsonObject> {
  const fields: { [name: string]: fc.Arbitrary<JsonValue> } = {}
  for (const field of type.fields) {
    if (!FIELDS.has(field.name) || depth > 7) continue
    fields[field.name] = anyValue(field.type, options, depth + 1)
    if (options.odd && field.name.length < 6)
      fields[field.name.toUpperCase()] = anyValue(field.type, options, depth + 1)
  }
  if (options.odd) fields['constructor'] = fc.constant(1)
  const record = fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<JsonObject> // of JSON values
  return options.odd
    ? fc.tuple(record, fc.boolean()).map(([object, turned]) => (turned ? reversed(object) : object))
    : record
}

function reversed(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).reverse())
}
