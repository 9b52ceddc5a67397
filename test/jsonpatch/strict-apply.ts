/**
 * Applies only operations that kube-apiserver's library (evanphx/json-patch v4), RFC 6902 and fast-json-patch
 * interpret alike, and throws for all others: negative or padded indexes, `-`, `replace` or `remove` of a missing
 * value, `add` below a missing parent, operations without a value, `add` or `remove` of the whole document.
 */
import { cloneJson, isObject, type JsonValue, type MutableJson, own, setOwn } from '../../src/json/index.ts'
import { type DiffOperation, parsePointer } from '../../src/jsonpatch/index.ts'

export function applyStrictly(document: JsonValue, operations: readonly DiffOperation[]): JsonValue {
  const root: { [key: string]: MutableJson } = { document: cloneJson(document) }
  for (const operation of operations) {
    const fail = (why: string) => new Error(`${why}: ${JSON.stringify(operation)}`)
    if (operation.op !== 'remove' && operation.value === undefined) throw fail('no value')
    const tokens = parsePointer(operation.path)
    if (tokens.length === 0 && operation.op !== 'replace') throw fail('the whole document')
    let parent: MutableJson = root
    let last = 'document'
    for (const token of tokens) {
      parent = child(parent, last) ?? null
      last = token
    }
    if (Array.isArray(parent)) {
      if (!/^(0|[1-9][0-9]*)$/.test(last)) throw fail('no index')
      const index = Number(last)
      if (index > (operation.op === 'add' ? parent.length : parent.length - 1)) throw fail('past the end')
      if (operation.op === 'add') parent.splice(index, 0, cloneJson(operation.value))
      else if (operation.op === 'remove') parent.splice(index, 1)
      else parent[index] = cloneJson(operation.value)
    } else if (isObject(parent)) {
      const object = parent as { [key: string]: MutableJson }
      if (Object.hasOwn(object, last) === (operation.op === 'add')) throw fail('there already, or not there')
      if (operation.op === 'remove') delete object[last]
      else setOwn(object, last, cloneJson(operation.value))
    } else {
      throw fail('no parent')
    }
  }
  return own(root, 'document') ?? null
}

function child(parent: MutableJson, token: string): MutableJson | undefined {
  if (Array.isArray(parent)) return parent[Number(token)]
  return isObject(parent) ? own(parent as { [key: string]: MutableJson }, token) : undefined
}
