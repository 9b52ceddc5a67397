/**
 * The values of templates, as Go's reflect.Value would see them.
 *
 * | JavaScript          | Go                                                   |
 * |---------------------|------------------------------------------------------|
 * | `undefined`         | missing: the invalid reflect.Value                   |
 * | `null`              | nil in an `any`                                      |
 * | boolean, string     | bool, string (go-string.ts for bytes outside UTF-8)  |
 * | number              | float64                                              |
 * | bigint              | int: what literals and `len` give                    |
 * | plain object        | map[string]any, own properties only                  |
 * | array               | []any                                                |
 * | a `TypedValue`      | everything else                                      |
 *
 * Structs, typed maps and typed lists are views: their backing holds JSON or values of this table, and what is
 * read is wrapped on demand by the declared type (wrap.ts), so building template data costs nothing.
 */
import type { FunctionContext } from './context.ts'
import {
  anyListType,
  anyMapType,
  boolType,
  bytesType,
  complexType,
  type FuncType,
  float64Type,
  type GoList,
  type GoMap,
  type GoType,
  type GoValue,
  type InterfaceType,
  intType,
  type MapType,
  type PointerType,
  pointerTo,
  type ScalarType,
  type SliceType,
  StructType,
  stringType,
  TypedValue,
} from './types.ts'

/** For functions that create a map or list and fill it. */
export interface MutableGoMap {
  [key: string]: GoValue
}

/** What a view may be backed by: JSON, or values made by functions. */
export type Backing = Readonly<Record<string, unknown>>

/** A scalar of another type than a bare JavaScript value has: int32, uint64, `model.Mode`. Integers are bigint. */
export class ScalarValue extends TypedValue {
  readonly type: ScalarType
  readonly value: boolean | string | number | bigint

  constructor(type: ScalarType, value: boolean | string | number | bigint) {
    super()
    this.type = type
    this.value = value
  }
}

/** A struct; `backing` is undefined for the zero value. */
export class StructValue extends TypedValue {
  readonly type: StructType
  readonly backing: Backing | undefined
  /** Reached through a pointer or a list, so that methods with pointer receivers are available. */
  readonly addressable: boolean

  constructor(type: StructType, backing: Backing | undefined, addressable = false) {
    super()
    this.type = type
    this.backing = backing
    this.addressable = addressable
  }
}

/** A pointer; `target` is undefined for nil. */
export class PointerValue extends TypedValue {
  readonly type: PointerType
  readonly target: GoValue

  constructor(type: PointerType, target: GoValue) {
    super()
    this.type = type
    this.target = target
  }
}

/**
 * A map that is not a map[string]any, or a nil map of any type (`backing` undefined). Keys of the Map form: string,
 * boolean, number (floats) or bigint (integers), whatever the named type of the key is.
 */
export class MapValue extends TypedValue {
  readonly type: MapType
  readonly backing: Backing | ReadonlyMap<MapKey, GoValue> | undefined

  constructor(type: MapType, backing: Backing | ReadonlyMap<MapKey, GoValue> | undefined) {
    super()
    this.type = type
    this.backing = backing
  }
}
export type MapKey = string | boolean | number | bigint

/** A list that is not a []any, or a nil list of any type (`backing` undefined). */
export class SliceValue extends TypedValue {
  readonly type: SliceType
  /** It may have more than `length` items: those appended to this list belong to another one. */
  readonly backing: readonly unknown[] | undefined
  readonly length: number

  constructor(type: SliceType, backing: readonly unknown[] | undefined, length = backing?.length ?? 0) {
    super()
    this.type = type
    this.backing = backing
    this.length = length
  }
}

/**
 * A []any that grew item by item. The lists that a loop creates by `append` share one array, as in Go if the capacity
 * allows: each has its own length, and only the longest may be appended to, in the execution that created it.
 */
export class AppendedList extends SliceValue {
  readonly #items: GoValue[]
  readonly #execution: object

  /**
   * @param items owned by this list from now on; @param execution an object that only one execution has, such as its
   * budget
   */
  constructor(items: GoValue[], execution: object) {
    super(anyListType, items)
    this.#items = items
    this.#execution = execution
  }

  /** Undefined if another list grew from this one or the execution differs: then the items must be copied. */
  append(item: GoValue, execution: object): AppendedList | undefined {
    if (this.#items.length !== this.length || this.#execution !== execution) return undefined
    this.#items.push(item)
    return new AppendedList(this.#items, execution)
  }

  get values(): readonly GoValue[] {
    return this.#items.length === this.length ? this.#items : this.#items.slice(0, this.length)
  }
}

/** A []byte. */
export class BytesValue extends TypedValue {
  readonly type: SliceType = bytesType
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    super()
    this.bytes = bytes
  }
}

/** A function held as data; `call` is undefined for a nil one. Its arguments have been checked. */
export class FuncValue extends TypedValue {
  readonly type: FuncType
  readonly call: ((args: readonly GoValue[], context: FunctionContext) => GoValue) | undefined

  constructor(type: FuncType, call: FuncValue['call']) {
    super()
    this.type = type
    this.call = call
  }
}

/** The result of errors.New. */
export class ErrorValue extends TypedValue {
  readonly type: GoType = errorStringPointer
  readonly message: string

  constructor(message: string) {
    super()
    this.message = message
  }
}

/** nil in an interface type other than `any` (an unset field of type error). */
export class NilInterface extends TypedValue {
  readonly type: InterfaceType

  constructor(type: InterfaceType) {
    super()
    this.type = type
  }
}

/** A complex constant such as `2i`: printable, nothing more. */
export class ComplexValue extends TypedValue {
  readonly type = complexType
  readonly real: number
  readonly imaginary: number

  constructor(real: number, imaginary: number) {
    super()
    this.real = real
    this.imaginary = imaginary
  }
}

/** The struct behind an ErrorValue, visible when it is printed with a verb that does not accept text. */
export function errorStruct(error: ErrorValue): StructValue {
  return new StructValue(errorString, { s: error.message })
}

const errorString = new StructType('errors.errorString', () => [
  { name: 's', type: stringType, unexported: true },
])
const errorStringPointer = pointerTo(errorString)

/** The dynamic type; undefined for missing and nil. */
export function typeOf(value: GoValue): GoType | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined
    case 'boolean':
      return boolType
    case 'string':
      return stringType
    case 'number':
      return float64Type
    case 'bigint':
      return intType
    case 'object':
      if (value === null) return undefined
      if (value instanceof TypedValue) return value.type
      return Array.isArray(value) ? anyListType : anyMapType
  }
}

/** The name of the dynamic type in messages. */
export function typeName(value: GoValue): string {
  return typeOf(value)?.name ?? '<nil>'
}

export function isGoMap(value: GoValue): value is GoMap {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof TypedValue)
  )
}

export function isGoList(value: GoValue): value is GoList {
  return Array.isArray(value)
}

export { type GoList, type GoMap, type GoValue, TypedValue }
