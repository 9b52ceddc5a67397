/** The documents of a stream: directives, `---` and `...`, and the check for values that JSON cannot represent. */

import { quoteText } from '../../visible-text.ts'
import { JsonError } from '../error.ts'
import { Composer } from './composer.ts'
import { withCause } from './error-cause.ts'
import { readInput, type YamlInput } from './input.ts'
import { DEFAULT_YAML_LIMITS, type YamlLimits } from './limits.ts'
import type { MutableWide } from './node-composer.ts'
import { Scanner } from './scanner.ts'
import * as T from './token.ts'

export interface ReadOptions {
  readonly source?: string
  readonly limits?: Partial<YamlLimits>
  /** Integers as bigint. */
  readonly exact?: boolean
  /** Throws what Go throws when it decodes; false if the caller accepts NaN and infinities. */
  readonly allowNonFinite?: boolean
  /** Called for each scalar value with the first character of its text (a quote, `|` or `>` for those forms). */
  readonly onScalar?: (value: string, begin: string) => void
  /** Called for a key that its map has already, with the lines of both, 1-based. The last one counts. */
  readonly onRepeatedKey?: ((key: string, first: number, line: number) => void) | undefined
}

export interface WideDocument {
  readonly value: MutableWide
  /** 1-based line on which the content starts. */
  readonly line: number
}

/** go-yaml reads this many bytes at a time and refuses an invalid character in what it has read. */
const READ_BYTES = 512
/** How far go-yaml's scanner may look ahead. */
const LOOK_AHEAD_BYTES = 4

export class DocumentReader {
  readonly #scanner: Scanner
  readonly #input: YamlInput
  readonly #limits: YamlLimits
  readonly #options: ReadOptions
  #first = true

  constructor(text: string | Uint8Array, options: ReadOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_YAML_LIMITS, ...options.limits }
    this.#input = readInput(text, options.source, this.#limits.maxBytes)
    this.#scanner = new Scanner(this.#input.text, options.source, this.#limits.maxDepth)
  }

  /** The next document, undefined after the last. Reads nothing beyond it. */
  next(): WideDocument | undefined {
    try {
      return this.#read()
    } catch (error) {
      throw error instanceof JsonError ? withCause(error, this.#input.text) : error
    }
  }

  #read(): WideDocument | undefined {
    const scanner = this.#scanner
    while (!this.#first && scanner.peekKind() === T.DOCUMENT_END) scanner.skip()
    const kind = scanner.peekKind()
    if (kind === T.STREAM_END) {
      if (this.#input.problem !== undefined) throw this.#input.problem
      return undefined
    }
    const isExplicit =
      !this.#first || kind === T.DOCUMENT_START || kind === T.VERSION_DIRECTIVE || kind === T.TAG_DIRECTIVE
    this.#first = false
    const tagPrefixes = new Map([
      ['!', '!'],
      ['!!', 'tag:yaml.org,2002:'],
    ])
    if (isExplicit) {
      this.#readDirectives(tagPrefixes)
      if (scanner.peekKind() !== T.DOCUMENT_START) {
        scanner.fail("expected '---' before another document", scanner.peek().line)
      }
      scanner.skip()
    }
    const composer = new Composer(scanner, this.#limits, this.#options.exact ?? false, tagPrefixes)
    const { onScalar, onRepeatedKey } = this.#options
    composer.onRepeatedKey = onRepeatedKey
    if (onScalar !== undefined)
      composer.onScalar = ({ value, start }) => onScalar(value, this.#input.text.charAt(start))
    const line = scanner.peek().line + 1
    const value = isExplicit && endsDocument(scanner.peekKind()) ? null : composer.composeNode(true, false)
    this.#finish(composer, value)
    return { value, line }
  }

  #readDirectives(tagPrefixes: Map<string, string>): void {
    const scanner = this.#scanner
    let hasVersion = false
    const declared = new Set<string>()
    for (;;) {
      const kind = scanner.peekKind()
      const token = scanner.peek()
      if (kind === T.VERSION_DIRECTIVE) {
        if (hasVersion) scanner.fail('a second %YAML directive', token.line)
        if (token.value !== '1.1')
          scanner.fail(`YAML ${quoteText(token.value)} is not supported, only 1.1`, token.line)
        hasVersion = true
      } else if (kind === T.TAG_DIRECTIVE) {
        if (declared.has(token.handle))
          scanner.fail(`a second %TAG directive for ${quoteText(token.handle)}`, token.line)
        declared.add(token.handle)
        tagPrefixes.set(token.handle, token.value)
      } else {
        return
      }
      scanner.skip()
    }
  }

  /** Reads up to the next token, as Go does to find the end of the content. */
  #finish(composer: Composer, value: MutableWide): void {
    const scanner = this.#scanner
    const next = scanner.peekKind()
    if (next === T.DOCUMENT_END) scanner.skip()
    const { problem, text } = this.#input
    if (problem !== undefined) {
      const read = Buffer.byteLength(text.slice(0, scanner.pos)) + LOOK_AHEAD_BYTES
      const untilBad = Buffer.byteLength(text)
      if (next === T.STREAM_END || untilBad < Math.ceil(read / READ_BYTES) * READ_BYTES) throw problem
    }
    const checkNumbers = composer.sawNonFinite && this.#options.allowNonFinite !== true
    if (composer.unfit !== undefined || checkNumbers) this.#checkFit(value, composer.unfit, checkNumbers)
  }

  #checkFit(value: MutableWide, unfit: Map<object, string> | undefined, checkNumbers: boolean): void {
    if (checkNumbers && typeof value === 'number' && !Number.isFinite(value)) {
      this.#failFit(`the number ${value}`)
    }
    if (typeof value !== 'object' || value === null) return
    const reason = unfit?.get(value)
    if (reason !== undefined) this.#failFit(reason)
    for (const item of Object.values(value)) this.#checkFit(item, unfit, checkNumbers)
  }

  #failFit(what: string): never {
    const at = this.#options.source === undefined ? {} : { source: this.#options.source }
    throw new JsonError('yaml-value', `YAML that JSON cannot represent: ${what}`, at)
  }
}

function endsDocument(kind: number): boolean {
  return kind <= T.DOCUMENT_END
}
