/**
 * Kubernetes' structs as Go types for templates: fields by their Go names over the pod's typed JSON, derived from the
 * schema table. Nothing is copied: a field is wrapped when a template reads it.
 */
import {
  boolType,
  type FieldSpec,
  type GoType,
  type GoValue,
  int32Type,
  int64Type,
  intType,
  type MethodSpec,
  mapOf,
  namedScalar,
  PointerValue,
  pointerTo,
  ScalarValue,
  StructType,
  StructValue,
  sliceOf,
  stringType,
  wrap,
} from '../../gotemplate/index.ts'
import { allTypes, type FieldType, lookupType, type SchemaField, type SchemaType } from '../../merge/index.ts'

/** The Go type of the named struct (`ObjectMeta`, `PodSpec`, `Container`). */
export function podType(name: string): StructType {
  const schema = lookupType(name)
  if (schema === undefined) throw new TypeError(`the schema table has no type ${name}`)
  return structOf(schema)
}

function structOf(schema: SchemaType): StructType {
  const type = STRUCTS.get(schema)
  if (type === undefined) throw new TypeError(`${schema.name} is not a type of the schema table`)
  return type
}

const STRUCTS: ReadonlyMap<SchemaType, StructType> = new Map(
  Array.from(allTypes(), (schema) => {
    // Only ObjectMeta has getters for its fields; templates have no use for other structs' methods.
    const methods = () => (schema.name === 'ObjectMeta' ? schema.fields.map(getter) : [])
    return [schema, new StructType(schema.goType, () => fieldsOf(schema.fields, 0), methods)]
  }),
)

/**
 * The fields at one depth of embedding; those of an embedded struct become one field that shares the backing object.
 */
function fieldsOf(fields: readonly SchemaField[], depth: number): readonly FieldSpec[] {
  const specs: FieldSpec[] = []
  const embedded = new Map<string, SchemaField[]>()
  for (const field of fields) {
    const outer = field.embeddedIn[depth]
    if (outer === undefined) {
      specs.push(fieldSpec(field))
      continue
    }
    const inner = embedded.get(outer)
    if (inner !== undefined) {
      inner.push(field)
      continue
    }
    const group = [field]
    embedded.set(outer, group)
    const type = new StructType(`v1.${outer}`, () => fieldsOf(group, depth + 1))
    specs.push({ name: outer, json: '', embedded: true, type })
  }
  return specs
}

function fieldSpec(field: SchemaField): FieldSpec {
  const spec = { name: field.goName, json: field.name, type: declaredType(field) }
  const special = field.type.kind === 'special' && field.type.special === 'intOrString'
  if (!special) return spec
  if (!field.pointer) return { ...spec, read: readIntOrString }
  const type = pointerTo(intOrString)
  return {
    ...spec,
    read: (raw) => new PointerValue(type, raw === undefined ? undefined : readIntOrString(raw)),
  }
}

function declaredType(field: SchemaField): GoType {
  const type = goTypeOf(field.type)
  return field.pointer ? pointerTo(type) : type
}

const SCALARS: ReadonlyMap<string, GoType> = new Map([
  ['string', stringType],
  ['bool', boolType],
  ['int32', int32Type],
  ['int64', int64Type],
])

function goTypeOf(type: FieldType): GoType {
  switch (type.kind) {
    case 'scalar':
      return SCALARS.get(type.goType) ?? namedScalar(type.goType, type.scalar)
    case 'struct':
      return structOf(type.struct)
    case 'list':
      return sliceOf(goTypeOf(type.elem))
    case 'map': {
      if (type.goType.startsWith('map[string]')) return mapOf(stringType, goTypeOf(type.elem))
      // The only named map, v1.ResourceList.
      return mapOf(namedScalar('v1.ResourceName', 'string'), goTypeOf(type.elem), type.goType)
    }
    case 'special':
      return specials[type.special]
  }
}

/** The text of a receiver, whatever its representation. */
function textOf(receiver: GoValue): string {
  if (receiver instanceof ScalarValue) return String(receiver.value)
  if (!(receiver instanceof StructValue)) return ''
  const { Type, IntVal, StrVal } = receiver.backing ?? {}
  return Type === 1 ? String(StrVal) : String(IntVal ?? 0)
}

const stringMethod: MethodSpec = {
  name: 'String',
  receiver: 'pointer',
  params: [],
  returns: stringType,
  call: textOf,
}

const intValueMethod: MethodSpec = {
  name: 'IntValue',
  receiver: 'pointer',
  params: [],
  returns: intType,
  call: (receiver) => (/^[+-]?[0-9]{1,18}$/.test(textOf(receiver)) ? BigInt(textOf(receiver)) : 0n),
}

const intOrString = new StructType(
  'intstr.IntOrString',
  () => [
    { name: 'Type', type: namedScalar('intstr.Type', 'int64') },
    { name: 'IntVal', type: int32Type },
    { name: 'StrVal', type: stringType },
  ],
  () => [stringMethod, intValueMethod],
)

function readIntOrString(raw: unknown): GoValue {
  const backing = typeof raw === 'string' ? { Type: 1, StrVal: raw } : { Type: 0, IntVal: raw }
  return new StructValue(intOrString, backing, true)
}

/** Types with a special JSON form. Quantities and times are the text of that form: nothing else of them is read. */
const specials = {
  quantity: namedScalar('resource.Quantity', 'string', [stringMethod]),
  intOrString,
  time: namedScalar('v1.Time', 'string', [stringMethod]),
  rawObject: namedScalar('v1.FieldsV1', 'string'),
}

function getter(field: SchemaField): MethodSpec {
  const type = declaredType(field)
  return {
    name: `Get${field.goName}`,
    receiver: 'pointer',
    params: [],
    returns: type,
    call: (receiver) =>
      wrap(type, receiver instanceof StructValue ? receiver.backing?.[field.name] : undefined, true),
  }
}
