/** `.Name` on a value: a method, a struct's field or a map's element. */

import { own } from '../../json/index.ts'
import { GoFunctionError } from '../functions.ts'
import { errorType, type MethodSpec, stringType } from '../types.ts'
import {
  ErrorValue,
  type GoValue,
  isGoMap,
  MapValue,
  NilInterface,
  PointerValue,
  ScalarValue,
  StructValue,
  TypedValue,
  typeName,
} from '../values.ts'
import { mapGet, readField } from '../wrap.ts'
import type { Site } from './site.ts'
import { indirect } from './truth.ts'

/** A method bound to its receiver. */
export interface BoundMethod {
  readonly spec: MethodSpec
  readonly receiver: GoValue
}

/** Calls a method; the caller knows the arguments. */
export type InvokeMethod = (method: BoundMethod) => GoValue

/**
 * Reads the member of that name. `hasArguments`: it is followed by arguments or has a value piped into it, which only a
 * method can take.
 */
export function readMember(
  receiver: GoValue,
  name: string,
  hasArguments: boolean,
  site: Site,
  invoke: InvokeMethod,
): GoValue {
  if (receiver === undefined) return undefined
  if (isGoMap(receiver)) {
    if (hasArguments) return site.fail('not-a-function', `${name} is not a method but has arguments`)
    return own(receiver, name)
  }
  if (receiver === null || receiver instanceof NilInterface) {
    const type = receiver === null ? 'interface {}' : receiver.type.name
    return site.fail('nil-pointer', `nil pointer evaluating ${type}.${name}`)
  }
  if (!(receiver instanceof TypedValue)) return noField(receiver, name, site)
  const method = findMethod(receiver, name)
  if (method !== undefined) return invoke(method)
  const target = indirect(receiver)
  if (target instanceof StructValue) return readStructField(target, name, hasArguments, site, receiver)
  if (isGoMap(target) || (target instanceof MapValue && target.type.key === stringType)) {
    if (hasArguments) return site.fail('not-a-function', `${name} is not a method but has arguments`)
    return mapGet(target, name)
  }
  if (target instanceof PointerValue && !lacksField(target, name)) {
    return site.fail('nil-pointer', `nil pointer evaluating ${receiver.type.name}.${name}`)
  }
  return noField(receiver, name, site)
}

function noField(receiver: GoValue, name: string, site: Site): never {
  return site.fail('no-field', `can't evaluate field ${name} in type ${typeName(receiver)}`)
}

/** Whether a nil pointer's struct type lacks the field, which is then the error that Go reports. */
function lacksField(pointer: PointerValue, name: string): boolean {
  const { elem } = pointer.type
  return elem.kind === 'struct' && elem.fieldPath(name) === undefined
}

function readStructField(
  struct: StructValue,
  name: string,
  hasArguments: boolean,
  site: Site,
  receiver: TypedValue,
): GoValue {
  const path = struct.type.fieldPath(name)
  if (path === undefined) return noField(receiver, name, site)
  if (path[path.length - 1]?.unexported === true) {
    const type = receiver.type.name
    return site.fail('no-field', `${name} is an unexported field of struct type ${type}`)
  }
  let value: GoValue = struct
  for (const field of path) {
    const holder: GoValue = indirect(value)
    if (!(holder instanceof StructValue)) {
      return site.fail(
        'nil-pointer',
        `nil pointer to embedded struct evaluating ${receiver.type.name}.${name}`,
      )
    }
    value = readField(holder, field)
  }
  if (hasArguments) {
    return site.fail('not-a-function', `${name} has arguments but cannot be invoked as function`)
  }
  return value
}

const ERROR_METHOD: MethodSpec = {
  name: 'Error',
  receiver: 'pointer',
  params: [],
  returns: stringType,
  call: (receiver) => (receiver instanceof ErrorValue ? receiver.message : ''),
}

/** The method of that name on the value, or on its address if it has one. */
export function findMethod(value: GoValue, name: string): BoundMethod | undefined {
  if (value instanceof ErrorValue) {
    return name === errorType.requires[0] ? { spec: ERROR_METHOD, receiver: value } : undefined
  }
  const target = indirect(value)
  if (target instanceof ErrorValue) return findMethod(target, name)
  if (target instanceof StructValue) {
    const reachable = target.addressable || value instanceof PointerValue
    return structMethod(target, name, reachable)
  }
  if (target instanceof ScalarValue) {
    const spec = target.type.methods.find((method) => method.name === name)
    if (spec === undefined || (spec.receiver === 'pointer' && value === target)) return undefined
    return { spec, receiver: target }
  }
  if (target instanceof PointerValue && target.type.elem.kind === 'struct') {
    const found = target.type.elem.method(name)
    if (found === undefined) return undefined
    return { spec: found.path.length === 0 ? found.method : throughNil(found.method), receiver: undefined }
  }
  return undefined
}

/** Behind a nil pointer not even the receiver of a promoted method can be found. */
function throughNil(method: MethodSpec): MethodSpec {
  return {
    ...method,
    receiver: 'pointer',
    call: () => {
      throw new GoFunctionError('runtime error: invalid memory address or nil pointer dereference', true)
    },
  }
}

function structMethod(struct: StructValue, name: string, reachable: boolean): BoundMethod | undefined {
  const found = struct.type.method(name)
  if (found === undefined) return undefined
  let receiver: GoValue = struct
  let addressable = reachable
  for (const field of found.path) {
    const holder: GoValue = indirect(receiver)
    if (!(holder instanceof StructValue)) return { spec: throughNil(found.method), receiver: undefined }
    receiver = readField(holder, field)
    if (receiver instanceof PointerValue) addressable = true
  }
  if (found.method.receiver === 'pointer' && !addressable) return undefined
  const target = indirect(receiver)
  return { spec: found.method, receiver: target instanceof StructValue ? target : undefined }
}
