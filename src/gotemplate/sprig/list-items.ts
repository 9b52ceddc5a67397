/** The items of lists of any type, and the kind names in sprig's messages. */
import { type GoType, uint8Type } from '../types.ts'
import {
  AppendedList,
  BytesValue,
  type GoValue,
  isGoList,
  ScalarValue,
  SliceValue,
  typeOf,
} from '../values.ts'
import { listGet, listLength } from '../wrap.ts'
import { NIL_DEREFERENCE, panic } from './define.ts'

/** The items of a list of any type; undefined for other values. */
export function listItems(value: GoValue): readonly GoValue[] | undefined {
  if (isGoList(value)) return value
  if (value instanceof AppendedList) return value.values
  if (value instanceof SliceValue) {
    return Array.from({ length: listLength(value) }, (_, i) => listGet(value, i))
  }
  if (value instanceof BytesValue) {
    return Array.from(value.bytes, (byte) => new ScalarValue(uint8Type, BigInt(byte)))
  }
  return undefined
}

/** reflect.Kind's name of the value's type. */
export function kindName(value: GoValue): string {
  const type: GoType | undefined = typeOf(value)
  return type?.kind ?? 'invalid'
}

/** The items, or the error: nil panics in Go, another type is an error. */
export function itemsOrFail(value: GoValue, complaint: (kind: string) => Error): readonly GoValue[] {
  if (value === null || value === undefined) throw panic(NIL_DEREFERENCE)
  const items = listItems(value)
  if (items === undefined) throw complaint(kindName(value))
  return items
}
