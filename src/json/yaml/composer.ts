/**
 * Tokens to values: documents and nodes, with anchors, aliases and tags. Maps and lists are in compose-block.ts and
 * compose-flow.ts, the meaning of scalars in resolve.ts and tagged-scalar.ts.
 *
 * go-yaml v2 parses a document and then decodes it; here both happen at once. Some values are refused only by decoding,
 * and only if they are still there at the end (a later duplicate key may have replaced them). They are recorded in
 * `unfit`, and the finished value is searched for them.
 */

import { quoteText } from '../../visible-text.ts'
import type { WideJson } from '../encode-go-json.ts'
import { JsonError } from '../error.ts'
import { setOwn } from '../value.ts'
import { AliasBudget, type Anchored } from './anchors.ts'
import { composeBlockMapping, composeBlockSequence, composeIndentlessSequence } from './compose-block.ts'
import { composeFlowMapping, composeFlowSequence } from './compose-flow.ts'
import type { YamlLimits } from './limits.ts'
import type { MutableWide, NodeComposer } from './node-composer.ts'
import { resolvePlain, resolvePlainJson, type Scalar } from './resolve.ts'
import type { Scanner } from './scanner.ts'
import { resolveTagged } from './tagged-scalar.ts'
import * as T from './token.ts'

const NON_SPECIFIC_TAG = '!'
const MERGE_TAG = 'tag:yaml.org,2002:merge'

export class Composer implements NodeComposer {
  readonly scanner: Scanner
  /** Integers as bigint, so that they stay apart from floats and keep all digits. */
  readonly exact: boolean
  /** Maps with keys that JSON cannot represent, and why. */
  unfit: Map<object, string> | undefined
  /** A NaN or an infinity was read, which JSON cannot represent either. */
  sawNonFinite = false
  readonly budget: AliasBudget
  /** Called for each scalar value without properties. */
  onScalar: ((token: T.Token) => void) | undefined
  onRepeatedKey: NodeComposer['onRepeatedKey']
  /**
   * The exact meaning of the node last composed if it was an alias, empty or had properties; undefined for a
   * collection.
   */
  lastScalar: Scalar | undefined
  /** Whether that node has properties and is the merge key. */
  lastIsMerge = false
  readonly #maxDepth: number
  #depth = 0
  readonly #anchors = new Map<string, Anchored>()
  readonly #tagPrefixes: Map<string, string>

  constructor(scanner: Scanner, limits: YamlLimits, exact: boolean, tagPrefixes: Map<string, string>) {
    this.scanner = scanner
    this.exact = exact
    this.budget = new AliasBudget(limits.maxAliasNodes)
    this.#maxDepth = limits.maxDepth
    this.#tagPrefixes = tagPrefixes
  }

  composeNode(block: boolean, indentless: boolean): MutableWide {
    const { scanner } = this
    const kind = scanner.peekKind()
    if (kind === T.SCALAR) {
      this.budget.steps++
      const token = scanner.peek()
      scanner.skip()
      this.onScalar?.(token)
      return token.plain ? this.#plainValue(token.value) : token.value
    }
    if (kind === T.ALIAS) return this.#composeAlias()
    if (kind === T.ANCHOR || kind === T.TAG) return this.#composeWithProperties(block, indentless)
    return this.#composeCollection(kind, block, indentless) ?? this.#failNoNode(block)
  }

  /** An omitted value. */
  composeEmpty(): null {
    this.budget.steps++
    this.lastScalar = null
    return null
  }

  #plainValue(text: string): MutableWide {
    const value = this.exact ? resolvePlain(text) : resolvePlainJson(text)
    if (typeof value === 'number' && !Number.isFinite(value)) this.sawNonFinite = true
    return value
  }

  /** The same for a scalar that may become a key or the target of an alias used as a key. */
  #scalar(scalar: Scalar): MutableWide {
    this.lastScalar = scalar
    if (typeof scalar === 'number' && !Number.isFinite(scalar)) this.sawNonFinite = true
    return typeof scalar === 'bigint' && !this.exact ? Number(scalar) : scalar
  }

  #composeAlias(): MutableWide {
    const token = this.scanner.peek()
    this.scanner.skip()
    const anchored = this.#anchors.get(token.value)
    const at = this.scanner.at(token.line)
    if (anchored === undefined) {
      throw new JsonError(
        'yaml-syntax',
        `invalid YAML at line ${at.line}: there is no anchor ${quoteText(`&${token.value}`)} before this alias`,
        at,
      )
    }
    if (anchored.value === undefined) {
      throw new JsonError(
        'yaml-syntax',
        `invalid YAML at line ${at.line}: the value of ${quoteText(`&${token.value}`)} contains itself`,
        at,
      )
    }
    this.budget.steps++
    this.budget.spend(anchored.steps, at)
    this.lastScalar = anchored.scalar
    return this.#copy(anchored.value, this.#depth, token.line)
  }

  #copy(value: WideJson, depth: number, line: number): MutableWide {
    if (typeof value !== 'object' || value === null) return value
    if (depth >= this.#maxDepth) this.scanner.failDepth(line)
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, depth + 1, line))
    const copy: { [key: string]: MutableWide } = {}
    const reason = this.unfit?.get(value)
    if (reason !== undefined) this.unfit?.set(copy, reason)
    for (const [key, item] of Object.entries(value)) setOwn(copy, key, this.#copy(item, depth + 1, line))
    return copy
  }

  #composeWithProperties(block: boolean, indentless: boolean): MutableWide {
    const { scanner } = this
    let anchor: string | undefined
    let tag = ''
    for (;;) {
      const kind = scanner.peekKind()
      const token = scanner.peek()
      if (kind === T.ANCHOR && anchor === undefined) {
        anchor = token.value
      } else if (kind === T.TAG && tag === '') {
        tag = this.#resolveTag(token)
      } else {
        break
      }
      scanner.skip()
    }
    if (anchor === undefined) return this.#composeTagged(tag, block, indentless)
    const anchored: Anchored = { value: undefined, scalar: undefined, steps: 0 }
    this.#anchors.set(anchor, anchored)
    const before = this.budget.steps
    anchored.value = this.#composeTagged(tag, block, indentless)
    anchored.scalar = this.lastScalar
    anchored.steps = this.budget.steps - before
    return anchored.value as MutableWide // assigned three lines above
  }

  #resolveTag(token: T.Token): string {
    if (token.handle === '') return token.value
    const prefix = this.#tagPrefixes.get(token.handle)
    if (prefix === undefined)
      this.scanner.fail(`the tag handle ${quoteText(token.handle)} is not declared`, token.line)
    return prefix + token.value
  }

  /** The node that follows its properties. Go ignores tags of maps and lists. */
  #composeTagged(tag: string, block: boolean, indentless: boolean): MutableWide {
    const { scanner } = this
    const kind = scanner.peekKind()
    const token = scanner.peek()
    if (kind === T.SCALAR) {
      scanner.skip()
    } else {
      const collection = this.#composeCollection(kind, block, indentless)
      if (collection !== undefined) return collection
    }
    this.budget.steps++
    const text = kind === T.SCALAR ? token.value : ''
    const plain = kind !== T.SCALAR || token.plain
    this.lastIsMerge = text === '<<' && (tag === '' ? plain : tag === NON_SPECIFIC_TAG || tag === MERGE_TAG)
    if (tag !== '') return this.#taggedScalar(tag, text, token.line)
    return this.#scalar(plain ? resolvePlain(text) : text)
  }

  #taggedScalar(tag: string, text: string, line: number): MutableWide {
    const scalar = tag === NON_SPECIFIC_TAG ? text : resolveTagged(tag, text)
    if (scalar === undefined) {
      const at = this.scanner.at(line)
      const name = tag.replace('tag:yaml.org,2002:', '!!')
      throw new JsonError(
        'yaml-value',
        `invalid YAML at line ${at.line}: ${quoteText(text.slice(0, 40))} is not a valid ${quoteText(name)}`,
        at,
      )
    }
    // Invalid UTF-8 in !!binary is kept only for exact JSON text.
    return this.#scalar(typeof scalar === 'string' && !this.exact ? scalar.toWellFormed() : scalar)
  }

  #composeCollection(kind: number, block: boolean, indentless: boolean): MutableWide | undefined {
    const compose =
      kind === T.FLOW_SEQUENCE_START
        ? composeFlowSequence
        : kind === T.FLOW_MAPPING_START
          ? composeFlowMapping
          : kind === T.BLOCK_ENTRY && indentless
            ? composeIndentlessSequence
            : kind === T.BLOCK_SEQUENCE_START && block
              ? composeBlockSequence
              : kind === T.BLOCK_MAPPING_START && block
                ? composeBlockMapping
                : undefined
    if (compose === undefined) return undefined
    this.budget.steps++
    if (++this.#depth > this.#maxDepth) this.scanner.failDepth(this.scanner.peek().line)
    const value = compose(this)
    this.#depth--
    this.lastScalar = undefined
    return value
  }

  #failNoNode(block: boolean): never {
    const token = this.scanner.peek()
    const expected = block ? 'a value' : "a value, ',' or the end of the flow collection"
    this.scanner.fail(`expected ${expected} here`, token.line)
  }
}
