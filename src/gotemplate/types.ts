/** Descriptors of Go types: argument checks, zero values, methods, printing. JSON becomes a typed value in wrap.ts. */
import { encodeGoString } from '../json/index.ts'
import type { FunctionContext } from './context.ts'

export type GoValue = undefined | null | boolean | string | number | bigint | GoList | GoMap | TypedValue
export type GoList = readonly GoValue[]
export interface GoMap {
  readonly [key: string]: GoValue
}

/** A value that has a type: see values.ts. */
export abstract class TypedValue {
  abstract readonly type: GoType
}

export type IntKind = 'int' | 'int8' | 'int16' | 'int32' | 'int64'
export type UintKind = 'uint' | 'uint8' | 'uint16' | 'uint32' | 'uint64'
export type FloatKind = 'float32' | 'float64'
export type ScalarKind = 'bool' | 'string' | IntKind | UintKind | FloatKind | 'complex128'

export type GoType =
  | ScalarType
  | SliceType
  | MapType
  | PointerType
  | StructType
  | FuncType
  | InterfaceType
  | ReflectType

interface NamedType {
  /** As spelled in Go's `%T` and messages: `int32`, `model.Mode`, `map[string]string`, `*v1alpha1.ProxyConfig`. */
  readonly name: string
  /** A defined type (`type Mode int32`), as opposed to a type literal. */
  readonly defined: boolean
}

export interface ScalarType extends NamedType {
  readonly kind: ScalarKind
  readonly methods: readonly MethodSpec[]
}

export interface SliceType extends NamedType {
  readonly kind: 'slice'
  readonly elem: GoType
}

export interface MapType extends NamedType {
  readonly kind: 'map'
  readonly key: GoType
  readonly elem: GoType
}

export interface PointerType extends NamedType {
  readonly kind: 'ptr'
  readonly elem: GoType
}

export interface FuncType extends NamedType {
  readonly kind: 'func'
  readonly params: readonly GoType[]
  /** The type of the last parameter is then that of each further argument (not a slice of it). */
  readonly variadic: boolean
  readonly results: readonly GoType[]
}

export interface InterfaceType extends NamedType {
  readonly kind: 'interface'
  /** Names of the methods that a value must have; none for `any`. */
  readonly requires: readonly string[]
}

/** A parameter of Go type reflect.Value: accepts any value unchanged, including a missing one. */
export interface ReflectType extends NamedType {
  readonly kind: 'reflect'
}

/** A method: `receiver` as Go declares it; one with a pointer receiver is not available on a plain struct value. */
export interface MethodSpec {
  readonly name: string
  readonly receiver: 'value' | 'pointer'
  readonly params: readonly GoType[]
  readonly variadic?: boolean
  readonly returns: GoType
  /** `receiver`: the struct (undefined for a nil pointer, possible only with pointer receivers) or the named scalar. */
  readonly call: (receiver: GoValue, args: readonly GoValue[], context: FunctionContext) => GoValue
}

export interface FieldSpec {
  /** Go's name, which templates use. */
  readonly name: string
  readonly type: GoType
  /** Key in the backing object; Go's name if absent. */
  readonly json?: string
  /** Fields and methods of an embedded struct are promoted. An inline one (`json: ''`) shares the backing object. */
  readonly embedded?: boolean
  /** Not available to templates, but printed. */
  readonly unexported?: boolean
  /** Omitted from JSON text if it is empty. */
  readonly omitEmpty?: boolean
  /** Reads the field if the backing data is not the plain JSON form of the type (quantities, durations, oneofs). */
  readonly read?: (raw: unknown, backing: Readonly<Record<string, unknown>>) => GoValue
}

/**
 * A struct type. Fields and methods come from thunks, so that types may refer to each other and importing does no work.
 */
export class StructType implements NamedType {
  readonly kind = 'struct'
  readonly name: string
  readonly defined = true
  /** The JSON text of a value whose type has its own MarshalJSON. */
  readonly encodeJson: ((value: TypedValue) => string) | undefined
  readonly #declareFields: () => readonly FieldSpec[]
  readonly #declareMethods: () => readonly MethodSpec[]
  #fields: readonly FieldSpec[] | undefined
  #byName: Map<string, readonly FieldSpec[] | undefined> = new Map()
  #methods: Map<string, MethodAccess | undefined> = new Map()
  #ownMethods: readonly MethodSpec[] | undefined
  #jsonMembers: readonly JsonMember[] | undefined

  constructor(
    name: string,
    fields: () => readonly FieldSpec[],
    methods: () => readonly MethodSpec[] = () => [],
    encodeJson?: (value: TypedValue) => string,
  ) {
    this.name = name
    this.#declareFields = fields
    this.#declareMethods = methods
    this.encodeJson = encodeJson
  }

  get fields(): readonly FieldSpec[] {
    this.#fields ??= this.#declareFields()
    return this.#fields
  }

  /** The fields with their keys in JSON. */
  get jsonMembers(): readonly JsonMember[] {
    this.#jsonMembers ??= this.fields.map((field) => {
      const key = field.json ?? field.name
      return { field, key, begin: `${encodeGoString(key)}:` }
    })
    return this.#jsonMembers
  }

  /** The path of fields to that name, through embedded structs if it is promoted. */
  fieldPath(name: string): readonly FieldSpec[] | undefined {
    let path = this.#byName.get(name)
    if (path === undefined && !this.#byName.has(name)) {
      path = findField(this, name)
      this.#byName.set(name, path)
    }
    return path
  }

  method(name: string): MethodAccess | undefined {
    let found = this.#methods.get(name)
    if (found === undefined && !this.#methods.has(name)) {
      found = this.#findMethod(name)
      this.#methods.set(name, found)
    }
    return found
  }

  #findMethod(name: string): MethodAccess | undefined {
    this.#ownMethods ??= this.#declareMethods()
    const own = this.#ownMethods.find((method) => method.name === name)
    if (own !== undefined) return { method: own, path: [] }
    // A field of that name at this depth hides promoted ones below.
    if (this.fields.some((field) => field.name === name)) return undefined
    for (const field of this.fields) {
      if (field.embedded !== true) continue
      const struct = field.type.kind === 'ptr' ? field.type.elem : field.type
      if (struct.kind !== 'struct') continue
      const found = struct.method(name)
      if (found !== undefined) return { method: found.method, path: [field, ...found.path] }
    }
    return undefined
  }
}

export interface JsonMember {
  readonly field: FieldSpec
  readonly key: string
  /** The key as JSON, and the colon. */
  readonly begin: string
}

/** A method and the embedded fields on the path to its receiver. */
export interface MethodAccess {
  readonly method: MethodSpec
  readonly path: readonly FieldSpec[]
}

function findField(type: StructType, name: string): readonly FieldSpec[] | undefined {
  let level: { readonly struct: StructType; readonly path: readonly FieldSpec[] }[] = [
    { struct: type, path: [] },
  ]
  while (level.length > 0) {
    const next: typeof level = []
    for (const { struct, path } of level) {
      for (const field of struct.fields) {
        if (field.name === name) return [...path, field]
        if (field.embedded !== true) continue
        const inner = field.type.kind === 'ptr' ? field.type.elem : field.type
        if (inner.kind === 'struct' && path.length < 8) next.push({ struct: inner, path: [...path, field] })
      }
    }
    level = next
  }
  return undefined
}

function scalar(kind: ScalarKind): ScalarType {
  return { kind, name: kind, defined: true, methods: [] }
}

export const boolType = scalar('bool')
export const stringType = scalar('string')
export const intType = scalar('int')
export const int8Type = scalar('int8')
export const int16Type = scalar('int16')
export const int32Type = scalar('int32')
export const int64Type = scalar('int64')
export const uintType = scalar('uint')
export const uint8Type = scalar('uint8')
export const uint16Type = scalar('uint16')
export const uint32Type = scalar('uint32')
export const uint64Type = scalar('uint64')
export const float32Type = scalar('float32')
export const float64Type = scalar('float64')
export const complexType = scalar('complex128')
/** Go's any. */
export const anyType: InterfaceType = {
  kind: 'interface',
  name: 'interface {}',
  defined: false,
  requires: [],
}
export const errorType: InterfaceType = {
  kind: 'interface',
  name: 'error',
  defined: true,
  requires: ['Error'],
}
export const stringerType: InterfaceType = {
  kind: 'interface',
  name: 'fmt.Stringer',
  defined: true,
  requires: ['String'],
}
export const reflectType: ReflectType = { kind: 'reflect', name: 'reflect.Value', defined: true }
export const anyMapType = mapOf(stringType, anyType)
export const anyListType = sliceOf(anyType)
export const stringMapType = mapOf(stringType, stringType)
export const stringListType = sliceOf(stringType)
export const bytesType = sliceOf(uint8Type)

/** A named scalar, `type Mode int32` say; `name` includes its package. */
export function namedScalar(name: string, kind: ScalarKind, methods: readonly MethodSpec[] = []): ScalarType {
  return { kind, name, defined: true, methods }
}

export function sliceOf(elem: GoType, name?: string): SliceType {
  return { kind: 'slice', elem, name: name ?? `[]${elem.name}`, defined: name !== undefined }
}

export function mapOf(key: GoType, elem: GoType, name?: string): MapType {
  return { kind: 'map', key, elem, name: name ?? `map[${key.name}]${elem.name}`, defined: name !== undefined }
}

export function pointerTo(elem: GoType): PointerType {
  return { kind: 'ptr', elem, name: `*${elem.name}`, defined: false }
}

export function funcOf(params: readonly GoType[], results: readonly GoType[], variadic = false): FuncType {
  const names = params.map((type, i) => (variadic && i === params.length - 1 ? `...${type.name}` : type.name))
  const out = results.map((type) => type.name)
  const tail = out.length === 0 ? '' : out.length === 1 ? ` ${out[0]}` : ` (${out.join(', ')})`
  return { kind: 'func', params, results, variadic, name: `func(${names.join(', ')})${tail}`, defined: false }
}

/** Whether nil is a value of the type. */
export function canBeNil(type: GoType): boolean {
  switch (type.kind) {
    case 'slice':
    case 'map':
    case 'ptr':
    case 'func':
    case 'interface':
    case 'reflect':
      return true
    default:
      return false
  }
}
