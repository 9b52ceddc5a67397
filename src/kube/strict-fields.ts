/**
 * Fields that Kubernetes' types do not have, and values of the wrong type, as `kubectl apply --validate=strict` reports
 * them. Unlike Go's decoding for Istio, Kubernetes matches keys exactly.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { type FieldType, findField, lookupType, type SchemaType } from '../merge/index.ts'
import { nearestName } from '../nearest-name.ts'

export interface StrictRemark {
  readonly kind: 'unknown' | 'type'
  /** Field names, and indexes of lists. */
  readonly path: readonly (string | number)[]
  /** For an unknown field the struct, without its package: `Volume`; for a wrong type how Go prints it. */
  readonly type: string
  /** For an unknown field: the one that was probably meant, relative to where it is. */
  readonly meant?: string
  /** For a wrong type: what it should be. */
  readonly expected?: string
}

export interface StrictOptions {
  /** As Go matches keys for Istio: `Containers` is `containers`. */
  readonly ignoreCase?: boolean
}

/** Deeper than any type is. */
const MAX_DEPTH = 40
/** Many of the same kind say no more than a few. */
const MAX_REMARKS = 50

/** @param type a struct of the schema table: `Pod`, `PodTemplateSpec`, `Volume` */
export function strictRemarks(
  type: string,
  value: JsonValue,
  { ignoreCase = false }: StrictOptions = {},
): readonly StrictRemark[] {
  const schema = lookupType(type)
  if (schema === undefined) return []
  const remarks: StrictRemark[] = []
  visit({ kind: 'struct', goType: schema.goType, struct: schema }, value, [], { ignoreCase, remarks })
  return remarks
}

interface Walk {
  readonly ignoreCase: boolean
  readonly remarks: StrictRemark[]
}

function visit(type: FieldType, value: JsonValue, path: StrictRemark['path'], walk: Walk): void {
  if (value === null || path.length > MAX_DEPTH || walk.remarks.length >= MAX_REMARKS) return
  switch (type.kind) {
    case 'struct':
      if (isObject(value)) visitStruct(type.struct, value, path, walk)
      else wrong(type, 'an object', path, walk)
      return
    case 'list':
      if (!Array.isArray(value)) wrong(type, 'a list', path, walk)
      else for (const [index, item] of value.entries()) visit(type.elem, item, [...path, index], walk)
      return
    case 'map':
      if (!isObject(value)) wrong(type, 'an object', path, walk)
      else for (const [key, item] of Object.entries(value)) visit(type.elem, item, [...path, key], walk)
      return
    case 'scalar': {
      const { scalar } = type
      const fits =
        scalar === 'string'
          ? typeof value === 'string'
          : scalar === 'bool'
            ? typeof value === 'boolean'
            : typeof value === 'number'
      if (!fits) wrong(type, scalar === 'bool' ? 'true or false' : WORDS[scalar], path, walk)
      return
    }
    case 'special':
      return
  }
}

const WORDS = { string: 'a string', int32: 'an integer', int64: 'an integer' } as const

function wrong(type: FieldType, expected: string, path: StrictRemark['path'], { remarks }: Walk): void {
  remarks.push({ kind: 'type', path, type: type.goType, expected })
}

function visitStruct(type: SchemaType, value: JsonObject, path: StrictRemark['path'], walk: Walk): void {
  for (const key of Object.keys(value)) {
    const field = walk.ignoreCase ? findField(type, key) : type.byName.get(key)
    if (field !== undefined) {
      visit(field.type, own(value, key) ?? null, [...path, key], walk)
      continue
    }
    const meant = meantField(type, key, value)
    walk.remarks.push({
      kind: 'unknown',
      path: [...path, key],
      type: type.name,
      ...(meant === undefined ? {} : { meant }),
    })
  }
}

/**
 * A similar name that is not there yet; else the field of that name one level below (`spec.containers` for
 * `containers`).
 */
function meantField(type: SchemaType, key: string, value: JsonObject): string | undefined {
  const folded = findField(type, key)
  if (folded !== undefined) return folded.name
  const below = type.fields.find(
    ({ type: of }) => of.kind === 'struct' && BELOW.has(of.struct.name) && of.struct.byName.has(key),
  )
  if (below !== undefined) return `${below.name}.${key}`
  return nearestName(
    key,
    type.fields.map(({ name }) => name).filter((name) => own(value, name) === undefined),
  )
}

/** Parts whose fields people write one level too high. */
const BELOW: ReadonlySet<string> = new Set([
  'PodSpec',
  'ObjectMeta',
  'SecurityContext',
  'ResourceRequirements',
  'PodSecurityContext',
])
