/**
 * The schema that governs a key while two values merge: apimachinery's LookupPatchMeta on the table. A schema is a
 * field type, because a merge also reaches maps and scalars, in which nothing can be looked up.
 */
import { MergeError, type PathNode } from './error.ts'
import { type FieldType, findField, type SchemaField } from './schema.ts'

export interface ListMeta {
  readonly elem: FieldType
  readonly merges: boolean
  readonly mergeKey: string | undefined
}

/** The field that governs objects under `key`. @throws MergeError merge-not-a-struct */
export function lookupField(schema: FieldType, key: string, path: PathNode | undefined): SchemaField {
  if (schema.kind !== 'struct' && schema.kind !== 'special') {
    throw new MergeError(
      'merge-not-a-struct',
      `objects or lists cannot be merged under ${JSON.stringify(key)}: Kubernetes has ${schema.goType} here, not a struct`,
      path,
    )
  }
  const field = schema.kind === 'struct' ? findField(schema.struct, key) : undefined
  if (field === undefined) {
    throw new MergeError(
      'merge-not-a-struct',
      `${schema.goType} has no field ${JSON.stringify(key)}: an unknown field can be added or replaced by a patch, not merged`,
      path,
    )
  }
  return field
}

/** How lists under `key` merge. @throws MergeError merge-not-a-struct, merge-type-mismatch */
export function lookupList(schema: FieldType, key: string, path: PathNode | undefined): ListMeta {
  const field = lookupField(schema, key, path)
  const { type } = field
  if (type.kind === 'list') return { elem: type.elem, merges: field.merges, mergeKey: field.mergeKey }
  // Go does not look behind a pointer: such a field is never merged, so the patch's list replaces the old one.
  if (field.pointer) return { elem: type, merges: false, mergeKey: undefined }
  throw new MergeError('merge-type-mismatch', `${JSON.stringify(key)} is a ${type.goType}, not a list`, path)
}
