/** Compiles range over lists, maps in the order of their keys, and integers. */

import { formatValue } from '../fmt/print.ts'
import type { RangeNode } from '../parse/ast.ts'
import { uint8Type } from '../types.ts'
import {
  BytesValue,
  type GoMap,
  type GoValue,
  isGoList,
  isGoMap,
  MapValue,
  ScalarValue,
  SliceValue,
} from '../values.ts'
import { listGet, listLength, mapGet, mapSize, wrap } from '../wrap.ts'
import type { Compiler } from './compiler.ts'
import { BREAK, type Execute, type Frame, NORMAL } from './execution.ts'
import { mapKeyValue, sortedKeys } from './map-order.ts'
import { compileAssignment } from './pipelines.ts'
import { indirect } from './truth.ts'

type Store = (frame: Frame, value: GoValue) => void
/** One iteration; false if the loop was left. */
type Turn = (key: () => GoValue, element: GoValue) => boolean

export function compileRange(compiler: Compiler, node: RangeNode): Execute {
  const outerDepth = compiler.scope.depth()
  const evaluate = compiler.pipeline(node.pipe)
  const site = compiler.site(node.pipe)
  const { storeKey, storeElement } = compileTurnStores(compiler, node)
  const innerDepth = compiler.scope.depth()
  const body = compiler.list(node.list)
  compiler.scope.popTo(innerDepth)
  const otherwise = node.elseList === undefined ? undefined : compiler.list(node.elseList)
  compiler.scope.popTo(outerDepth)
  const twoVariables = node.pipe.variables.length > 1
  return (frame, dot) => {
    const { run } = frame
    run.site = site
    const value = indirect(evaluate(frame, dot))
    let ran = false
    const turn: Turn = (key, element) => {
      ran = true
      run.budget.step()
      storeElement?.(frame, element)
      if (storeKey !== undefined) storeKey(frame, key())
      return body(frame, element) !== BREAK
    }
    if (isGoList(value) || value instanceof SliceValue) rangeList(value, turn)
    else if (isGoMap(value) || value instanceof MapValue) {
      run.budget.charge(mapSize(value))
      rangeMap(value, turn)
    } else if (value instanceof BytesValue) rangeBytes(value, turn)
    else if (isInteger(value)) {
      if (twoVariables) {
        const shown = formatValue(value, run)
        return site.fail('range-over', `can't use ${shown} to iterate over more than one variable`)
      }
      rangeInteger(value, turn)
    } else if (value !== undefined) {
      return site.fail('range-over', `range can't iterate over ${formatValue(value, run)}`)
    }
    return ran || otherwise === undefined ? NORMAL : otherwise(frame, dot)
  }
}

/** A single variable gets the element; of two, the first gets the index or key. */
export function compileTurnStores(
  compiler: Compiler,
  node: RangeNode,
): { readonly storeKey: Store | undefined; readonly storeElement: Store | undefined } {
  const { variables } = node.pipe
  const site = compiler.site(node.pipe)
  const [first, second] = variables.map((name) => compileAssignment(compiler, name, site))
  return second === undefined
    ? { storeKey: undefined, storeElement: first }
    : { storeKey: first, storeElement: second }
}

function rangeList(list: readonly GoValue[] | SliceValue, turn: Turn): void {
  const length = listLength(list)
  for (let i = 0; i < length; i++) if (!turn(() => BigInt(i), listGet(list, i))) return
}

function rangeBytes(value: BytesValue, turn: Turn): void {
  for (const [i, byte] of value.bytes.entries()) {
    if (!turn(() => BigInt(i), new ScalarValue(uint8Type, BigInt(byte)))) return
  }
}

function rangeMap(map: GoMap | MapValue, turn: Turn): void {
  for (const key of sortedKeys(map)) {
    if (!turn(() => mapKeyValue(map, key), mapGet(map, key))) return
  }
}

function isInteger(value: GoValue): value is bigint | ScalarValue {
  return typeof value === 'bigint' || (value instanceof ScalarValue && typeof value.value === 'bigint')
}

function rangeInteger(value: bigint | ScalarValue, turn: Turn): void {
  const end = typeof value === 'bigint' ? value : BigInt(value.value)
  for (let i = 0n; i < end; i++) {
    const element = typeof value === 'bigint' ? i : wrap(value.type, i)
    if (!turn(() => undefined, element)) return
  }
}
