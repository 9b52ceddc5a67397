/** The interface of the composer that the constructs of YAML (maps, lists) use, and the values they build. */
import type { AliasBudget } from './anchors.ts'
import type { Scalar } from './resolve.ts'
import type { Scanner } from './scanner.ts'

/** A value while it is being built; integers are bigint only if exact digits were requested. */
export type MutableWide =
  | null
  | boolean
  | number
  | bigint
  | string
  | MutableWide[]
  | { [key: string]: MutableWide }

export interface NodeComposer {
  readonly scanner: Scanner
  readonly budget: AliasBudget
  /** Maps with keys that JSON cannot represent, and why. */
  unfit: Map<object, string> | undefined
  /**
   * The exact meaning of the node last composed if it was an alias, empty or had properties; undefined for a
   * collection. Not set for bare scalars, whose token has it.
   */
  lastScalar: Scalar | undefined
  /** Whether that node has properties and is the merge key. */
  lastIsMerge: boolean
  /** Called for a key that its map has already, with the lines of both, 1-based. */
  readonly onRepeatedKey: ((key: string, first: number, line: number) => void) | undefined

  /**
   * One node with its properties.
   * @param block false inside flow collections, where no block collection can start
   * @param indentless whether a list may start at the column of the map's keys
   */
  composeNode(block: boolean, indentless: boolean): MutableWide
  /** An omitted value. */
  composeEmpty(): null
}
