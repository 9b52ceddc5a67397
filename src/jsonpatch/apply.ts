/**
 * Applies a JSON patch with fast-json-patch, for the command line and for tests that cross-check the diff. That library
 * refuses keys named `__proto__`, which is right for its method; such operations are applied here, on own properties
 * only.
 */
import fastJsonPatch from 'fast-json-patch'
import { cloneJson, isObject, type JsonValue, type MutableJson, own, setOwn } from '../json/index.ts'
import { JsonPatchError } from './error.ts'
import type { JsonPatchOperation } from './operation.ts'
import { parseIndex, parsePointer } from './pointer.ts'

/**
 * The resulting document; neither input is changed. @throws JsonPatchError json-patch-not-applicable,
 * json-pointer-syntax
 */
export function applyPatch(document: JsonValue, operations: readonly JsonPatchOperation[]): JsonValue {
  let result: MutableJson = cloneJson(document)
  for (const [index, operation] of operations.entries()) {
    result = namesPrototype(operation)
      ? applyHere(result, operation, index)
      : applyThere(result, operation, index)
  }
  return result
}

function namesPrototype(operation: JsonPatchOperation): boolean {
  const pointers = 'from' in operation ? operation.path + operation.from : operation.path
  return pointers.includes('__proto__') || pointers.includes('prototype')
}

function applyThere(document: MutableJson, operation: JsonPatchOperation, index: number): MutableJson {
  // Values are copied, so that later operations cannot change those of the caller.
  const step = 'value' in operation ? { ...operation, value: cloneJson(operation.value) } : { ...operation }
  try {
    // fast-json-patch's types know neither readonly nor a union of JSON; given JSON it returns JSON.
    return fastJsonPatch.applyOperation(document, step as fastJsonPatch.Operation, true, true, true, index)
      .newDocument as MutableJson
  } catch (cause) {
    // The rest of its message is a dump of the document, which must not reach a log.
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw notApplicable(operation, index, reason, cause)
  }
}

function applyHere(document: MutableJson, operation: JsonPatchOperation, index: number): MutableJson {
  const tokens = parsePointer(operation.path)
  const last = tokens.pop()
  if (last === undefined || operation.op === 'move' || operation.op === 'copy' || operation.op === 'test') {
    throw notApplicable(
      operation,
      index,
      `"${operation.op}" is not supported for keys named like a prototype`,
    )
  }
  let parent: MutableJson | undefined = document
  for (const token of tokens) parent = childOf(parent, token)
  if (Array.isArray(parent)) {
    const place = last === '-' && operation.op === 'add' ? parent.length : parseIndex(last)
    const limit = operation.op === 'add' ? parent.length : parent.length - 1
    if (place === undefined || place > limit)
      throw notApplicable(operation, index, `no item ${last} in the list`)
    if (operation.op === 'add') parent.splice(place, 0, cloneJson(operation.value))
    else if (operation.op === 'replace') parent[place] = cloneJson(operation.value)
    else parent.splice(place, 1)
    return document
  }
  if (!isObject(parent)) throw notApplicable(operation, index, 'its parent does not exist')
  if (operation.op !== 'add' && !Object.hasOwn(parent, last)) {
    throw notApplicable(operation, index, `there is no ${JSON.stringify(last)}`)
  }
  const object = parent as { [key: string]: MutableJson } // isObject; part of the clone
  if (operation.op === 'remove') delete object[last]
  else setOwn(object, last, cloneJson(operation.value))
  return document
}

function childOf(parent: MutableJson | undefined, token: string): MutableJson | undefined {
  if (Array.isArray(parent)) {
    const place = parseIndex(token)
    return place === undefined ? undefined : parent[place]
  }
  if (!isObject(parent)) return undefined
  return own(parent as { [key: string]: MutableJson }, token) // isObject; part of the clone
}

function notApplicable(
  operation: JsonPatchOperation,
  index: number,
  reason: string,
  cause?: unknown,
): JsonPatchError {
  const message = `operation ${index} (${operation.op} ${JSON.stringify(operation.path)}) cannot be applied: ${reason}`
  return new JsonPatchError('json-patch-not-applicable', message, { path: operation.path, cause })
}
