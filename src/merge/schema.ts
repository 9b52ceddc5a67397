/**
 * The schema table: what Kubernetes' Go structs define for each field of a pod, parsed once from the generated text
 * into linked objects. Used by the merge (patch strategy, merge key), the typed Pod codec and everything that needs
 * Go's field names. It comes from k8s.io/api by reflection (scripts/generate-pod-schema.ts); nothing is added by hand.
 */
import { NAMED, STRUCTS } from './pod-schema-data.ts'

export type ScalarKind = 'string' | 'bool' | 'int32' | 'int64'

/** Types with a JSON form of their own. */
export type SpecialKind = 'quantity' | 'intOrString' | 'time' | 'rawObject'

/** The Go type without the pointer. `goType` is how Go prints it (`[]v1.Container`) in its errors. */
export type FieldType =
  | { readonly kind: 'scalar'; readonly goType: string; readonly scalar: ScalarKind }
  | { readonly kind: 'special'; readonly goType: string; readonly special: SpecialKind }
  | { readonly kind: 'struct'; readonly goType: string; readonly struct: SchemaType }
  | { readonly kind: 'list'; readonly goType: string; readonly elem: FieldType }
  | { readonly kind: 'map'; readonly goType: string; readonly elem: FieldType }

export interface SchemaField {
  /** JSON name. */
  readonly name: string
  readonly goName: string
  readonly type: FieldType
  /** Go declares a pointer to `type`. */
  readonly pointer: boolean
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  /** Names of the embedded structs that the field comes from, outermost first. */
  readonly embeddedIn: readonly string[]
  /** patchStrategy says `merge`: a list merges item by item, or as a set of primitives. */
  readonly merges: boolean
  /** patchStrategy says `retainKeys`. */
  readonly retainsKeys: boolean
  /** patchMergeKey: the field that identifies the list's items. */
  readonly mergeKey: string | undefined
}

export interface SchemaType {
  /** Without the package: `PodSpec`. */
  readonly name: string
  /** As Go prints it: `v1.PodSpec`. */
  readonly goType: string
  /** In the order of declaration, which is the order of encoding; embedded structs flattened in place. */
  readonly fields: readonly SchemaField[]
  /** By JSON name, exact case. */
  readonly byName: ReadonlyMap<string, SchemaField>
  /** By lower-case JSON name; see `findField`. */
  readonly byFoldedName: ReadonlyMap<string, SchemaField>
}

interface OpenType extends SchemaType {
  readonly fields: SchemaField[]
  readonly byName: Map<string, SchemaField>
  readonly byFoldedName: Map<string, SchemaField>
}

const SPECIALS: ReadonlyMap<string, SpecialKind> = new Map([
  ['resource.Quantity', 'quantity'],
  ['intstr.IntOrString', 'intOrString'],
  ['v1.Time', 'time'],
  ['v1.FieldsV1', 'rawObject'],
])

const types = buildTypes()

/** The struct of that name (`Pod`, `Container`, `ObjectMeta`), or undefined. */
export function lookupType(name: string): SchemaType | undefined {
  return types.get(name)
}

/**
 * The field for a JSON key as Go's encoding/json chooses it: the exact name, else the first one that differs only in
 * case.
 */
export function findField(type: SchemaType, key: string): SchemaField | undefined {
  return type.byName.get(key) ?? type.byFoldedName.get(foldKey(key))
}

/**
 * Go folds case by Unicode's simple folding. Outside of ASCII only the long s and the Kelvin sign fold to ASCII
 * letters.
 */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's')
}

/** All structs that Pod and PodTemplateSpec reach, Pod first. */
export function allTypes(): Iterable<SchemaType> {
  return types.values()
}

function buildTypes(): ReadonlyMap<string, SchemaType> {
  const built = new Map<string, OpenType>()
  for (const goType of Object.keys(STRUCTS)) {
    const name = bareName(goType)
    built.set(name, { name, goType, fields: [], byName: new Map(), byFoldedName: new Map() })
  }
  for (const [goType, text] of Object.entries(STRUCTS)) {
    const type = built.get(bareName(goType))
    for (const line of text.trim().split('\n')) {
      const field = parseField(line, built)
      type?.fields.push(field)
      type?.byName.set(field.name, field)
      type?.byFoldedName.set(foldKey(field.name), field)
    }
  }
  return built
}

function parseField(line: string, built: ReadonlyMap<string, SchemaType>): SchemaField {
  const [name = '', goName = '', goType = '', ...words] = line.split(' ')
  const option = (key: string) => words.find((word) => word.startsWith(key))?.slice(key.length)
  const strategies = option('patch=')?.split(',') ?? []
  const pointer = goType.startsWith('*')
  return {
    name,
    goName,
    type: parseType(pointer ? goType.slice(1) : goType, built),
    pointer,
    omitEmpty: words.includes('omitempty'),
    omitZero: words.includes('omitzero'),
    embeddedIn: option('in=')?.split('.') ?? [],
    merges: strategies.includes('merge'),
    retainsKeys: strategies.includes('retainKeys'),
    mergeKey: option('key='),
  }
}

function parseType(goType: string, built: ReadonlyMap<string, SchemaType>): FieldType {
  const special = SPECIALS.get(goType)
  if (special !== undefined) return { kind: 'special', goType, special }
  const struct = Object.hasOwn(STRUCTS, goType) ? built.get(bareName(goType)) : undefined
  if (struct !== undefined) return { kind: 'struct', goType, struct }
  const underlying = NAMED[goType] ?? goType
  if (underlying.startsWith('[]'))
    return { kind: 'list', goType, elem: parseType(underlying.slice(2), built) }
  if (underlying.startsWith('map[')) {
    return { kind: 'map', goType, elem: parseType(underlying.slice(underlying.indexOf(']') + 1), built) }
  }
  switch (underlying) {
    case 'string':
    case 'bool':
    case 'int32':
    case 'int64':
      return { kind: 'scalar', goType, scalar: underlying }
    default:
      throw new Error(`the schema table has the unknown type ${goType}: add it to src/merge/schema.ts`)
  }
}

function bareName(goType: string): string {
  return goType.slice(goType.lastIndexOf('.') + 1)
}
