/**
 * A fast path through fields of nested structs, which most chains in templates are. The keys of the backing data are
 * determined once for each position in the template and each type it starts from. Everything else (pointers, methods,
 * embedded structs, fields with a special form, errors) is left to readMember.
 */
import { own } from '../../json/index.ts'
import type { FieldSpec, GoType, StructType } from '../types.ts'
import { type Backing, type GoValue, PointerValue, StructValue, TypedValue } from '../values.ts'
import { wrap } from '../wrap.ts'

interface PlainPath {
  readonly keys: readonly string[]
  /** The type at the end of the path. */
  readonly type: GoType
}

/** `.A.B.C` at one position of a template. */
export class PlainPaths {
  readonly #names: readonly string[]
  #from: StructType | undefined
  #path: PlainPath | undefined

  constructor(names: readonly string[]) {
    this.#names = names
  }

  /** The result of readMember, name by name; NOT_PLAIN if readMember must be called. */
  read(value: GoValue): GoValue | typeof NOT_PLAIN {
    const struct = value instanceof PointerValue ? value.target : value
    if (!(struct instanceof StructValue)) return NOT_PLAIN
    if (struct.type !== this.#from) {
      this.#from = struct.type
      this.#path = findPath(struct.type, this.#names)
    }
    const path = this.#path
    if (path === undefined) return NOT_PLAIN
    const { keys, type } = path
    let raw: unknown = struct.backing
    for (let i = 0; i < keys.length; i++) {
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) raw = undefined
      else if (raw instanceof TypedValue) return NOT_PLAIN
      else raw = own(raw as Backing, keys[i] as string) // i is within keys
    }
    return wrap(type, raw, struct.addressable)
  }
}

export const NOT_PLAIN: unique symbol = Symbol('not plain')

function findPath(from: StructType, names: readonly string[]): PlainPath | undefined {
  const keys: string[] = []
  let type: GoType = from
  for (const name of names) {
    const field: FieldSpec | undefined = plainField(type, name)
    if (field === undefined) return undefined
    keys.push(field.json ?? field.name)
    type = field.type
  }
  return { keys, type }
}

function plainField(type: GoType, name: string): FieldSpec | undefined {
  if (type.kind !== 'struct' || type.method(name) !== undefined) return undefined
  const path = type.fieldPath(name)
  const [field] = path ?? []
  if (path?.length !== 1 || field === undefined) return undefined
  return field.read === undefined && field.unexported !== true && field.json !== '' ? field : undefined
}
