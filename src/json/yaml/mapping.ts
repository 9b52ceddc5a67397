/**
 * Builds one map. Keys become strings as in sigs.k8s.io/yaml, the last of equal keys wins, and the merge key `<<`
 * copies its entries at its position, so that it overrides earlier keys, as in go-yaml v2.
 */
import { JsonError } from '../error.ts'
import { setOwn } from '../value.ts'
import { formatFloat32 } from './float-text.ts'
import type { MutableWide, NodeComposer } from './node-composer.ts'
import { MAX_INT64, resolvePlain, type Scalar } from './resolve.ts'
import * as T from './token.ts'

export class MappingBuilder {
  readonly value: { [key: string]: MutableWide } = {}
  readonly #composer: NodeComposer
  #key = ''
  #isMerge = false
  /** Line of the key, 0-based. */
  #line = 0
  /** Of each key, if repeated ones are reported. */
  readonly #lines: Map<string, number> | undefined

  constructor(composer: NodeComposer) {
    this.#composer = composer
    this.#lines = composer.onRepeatedKey && new Map()
  }

  composeKey(block: boolean): void {
    const { scanner } = this.#composer
    const token = scanner.peek()
    this.#line = token.line
    if (scanner.peekKind() === T.SCALAR) {
      scanner.skip()
      this.#isMerge = token.plain && token.value === '<<'
      if (this.#isMerge) return
      this.#composer.budget.steps++
      const scalar = token.plain ? resolvePlain(token.value) : token.value
      if (typeof scalar === 'string') this.#key = scalar
      else this.#setKey(scalar)
      return
    }
    this.#composer.lastIsMerge = false
    const key = this.#composer.composeNode(block, block)
    const scalar = this.#composer.lastScalar
    this.#isMerge = this.#composer.lastIsMerge
    if (typeof scalar === 'string') {
      this.#key = scalar
    } else if (scalar === undefined) {
      const found = Array.isArray(key) ? 'a list' : 'a map'
      const at = scanner.at(token.line)
      throw new JsonError('yaml-value', `invalid YAML at line ${at.line}: ${found} as a mapping key`, at)
    } else {
      this.#setKey(scalar)
    }
  }

  emptyKey(): void {
    this.#line = this.#composer.scanner.peek().line
    this.#composer.composeEmpty()
    this.#isMerge = false
    this.#setKey(null)
  }

  #setKey(scalar: Scalar): void {
    if (scalar === null) this.#recordUnfit('a null')
    else if (typeof scalar === 'bigint' && scalar > MAX_INT64) this.#recordUnfit('an integer past int64')
    this.#key = typeof scalar === 'number' ? floatKey(scalar) : String(scalar)
  }

  /** Records that Go reads this map but cannot convert it to JSON. */
  #recordUnfit(what: string): void {
    this.#composer.unfit ??= new Map()
    this.#composer.unfit.set(this.value, `${what} as the mapping key at line ${this.#line + 1}`)
  }

  emptyValue(): void {
    if (this.#isMerge) this.#failMerge()
    this.#noteKey()
    this.#set(this.#key, this.#composer.composeEmpty())
  }

  composeValue(block: boolean): void {
    const { scanner } = this.#composer
    if (!this.#isMerge) {
      this.#noteKey()
      this.#set(this.#key, this.#composer.composeNode(block, block))
      return
    }
    const isAlias = scanner.peekKind() === T.ALIAS
    const value = this.#composer.composeNode(block, block)
    if (isMap(value)) {
      this.#merge(value)
      return
    }
    if (!Array.isArray(value) || isAlias) this.#failMerge()
    // The first map of a list takes precedence.
    for (const item of value.toReversed()) {
      if (!isMap(item)) this.#failMerge()
      this.#merge(item)
    }
  }

  /** Only what is written as a key: what a merge key copies may be overridden. */
  #noteKey(): void {
    const first = this.#lines?.get(this.#key)
    if (first !== undefined) this.#composer.onRepeatedKey?.(this.#key, first + 1, this.#line + 1)
    else this.#lines?.set(this.#key, this.#line)
  }

  #merge(from: { [key: string]: MutableWide }): void {
    const reason = this.#composer.unfit?.get(from)
    if (reason !== undefined) this.#composer.unfit?.set(this.value, reason)
    for (const [key, value] of Object.entries(from)) this.#set(key, value)
  }

  #set(key: string, value: MutableWide): void {
    setOwn(this.value, key, value)
  }

  #failMerge(): never {
    const at = this.#composer.scanner.at(this.#line)
    throw new JsonError(
      'yaml-value',
      `invalid YAML at line ${at.line}: '<<' needs a map, an alias of one, or a list of these`,
      at,
    )
  }
}

function floatKey(value: number): string {
  const text = formatFloat32(value)
  return text === 'NaN' ? '.nan' : text === '+Inf' ? '.inf' : text === '-Inf' ? '-.inf' : text
}

export function failKeyExpected(composer: NodeComposer): never {
  const token = composer.scanner.peek()
  composer.scanner.fail(
    'expected a key of the mapping, or the indentation of one of the collections around it',
    token.line,
  )
}

function isMap(value: MutableWide): value is { [key: string]: MutableWide } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
