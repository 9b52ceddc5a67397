/** What the constructs of YAML (maps, lists) need of the composer, and what they make. */
import type { AliasBudget } from './anchors.ts'
import type { Scalar } from './resolve.ts'
import type { Scanner } from './scanner.ts'

/** A value as it is being built; integers are bigint only where all their digits were asked for. */
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
  /** Maps with keys that JSON cannot have, and why. */
  unfit: Map<object, string> | undefined
  /**
   * The exact meaning of the node last composed if it was an alias, empty, a collection (undefined) or had
   * properties; not kept for bare scalars, whose token tells it.
   */
  lastScalar: Scalar | undefined
  /** Whether that node, having properties, is the merge key. */
  lastIsMerge: boolean

  /**
   * One node with its properties.
   * @param block false inside flow collections, where no block collection can start
   * @param indentless whether a list may start at the column of the map's keys
   */
  composeNode(block: boolean, indentless: boolean): MutableWide
  /** A value that is left out. */
  composeEmpty(): null
}
