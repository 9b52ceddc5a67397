/**
 * The layout of block YAML as go-yaml v2's emitter (libyaml's) writes it: indentation by 2, lists in the column of
 * their key, `? ` before keys that are long or have several lines. The writer tracks the column, since folding depends
 * on it.
 */
import type { WideJson } from '../encode-go-json.ts'
import { type StringSink, writeString } from './emit-string.ts'
import { formatFloat64 } from './float-text.ts'
import { compareNatural } from './natural-order.ts'

const INDENT = 2
/** Longer keys (in bytes, as Go counts) are written after `? `. */
const MAX_SIMPLE_KEY_BYTES = 128
const TWO_TO_63 = 2 ** 63

/** The position of a node. A key on one line with its value may not be folded. */
type Place = 'item' | 'value' | 'key'

export class Emitter implements StringSink {
  text = ''
  /** 0-based; counts characters, a surrogate pair as one. */
  column = 0
  /** The last output was white space, so no separator is needed. */
  #whitespace = true
  /** Only indentation and indicators have been written on this line. */
  indention = true
  #indent = -1

  readonly #wholeIsInteger: boolean

  /** @param wholeIsInteger a number without fraction is an integer, as in JSON; else only a bigint is one */
  constructor(wholeIsInteger: boolean) {
    this.#wholeIsInteger = wholeIsInteger
  }

  emitDocument(value: WideJson): void {
    this.#emitNode(value, 'item')
    this.#indent = -1
    this.writeIndent()
  }

  #emitNode(value: WideJson, place: Place): void {
    switch (typeof value) {
      case 'string':
        this.#withIndent(this.#indent < 0 ? INDENT : this.#indent + INDENT, () =>
          writeString(this, value, place !== 'key'),
        )
        return
      case 'number':
        this.writeIndicator(this.#wholeIsInteger ? numberText(value) : floatText(value), true)
        return
      case 'object':
        break
      default:
        this.writeIndicator(String(value), true)
        return
    }
    if (value === null) this.writeIndicator('null', true)
    else if (Array.isArray(value)) this.#emitSequence(value, place)
    // Array.isArray does not narrow readonly arrays away: the rest are objects.
    else this.#emitMapping(value as { readonly [key: string]: WideJson })
  }

  #emitSequence(items: readonly WideJson[], place: Place): void {
    if (items.length === 0) {
      this.writeIndicator('[]', true)
      return
    }
    const indentless = place !== 'item' && !this.indention
    this.#withIndent(this.#indent < 0 ? 0 : this.#indent + (indentless ? 0 : INDENT), () => {
      for (const item of items) {
        this.writeIndent()
        this.#writeBlockIndicator('-')
        this.#emitNode(item, 'item')
      }
    })
  }

  #emitMapping(object: { readonly [key: string]: WideJson }): void {
    const keys = Object.keys(object).sort(compareNatural)
    if (keys.length === 0) {
      this.writeIndicator('{}', true)
      return
    }
    this.#withIndent(this.#indent < 0 ? 0 : this.#indent + INDENT, () => {
      for (const key of keys) {
        this.writeIndent()
        if (isSimpleKey(key)) {
          this.#emitNode(key, 'key')
          this.writeIndicator(':', false)
        } else {
          this.#writeBlockIndicator('?')
          this.#emitNode(key, 'value')
          this.writeIndent()
          this.#writeBlockIndicator(':')
        }
        // `key` is one of the object's own keys, so it has a value.
        this.#emitNode(object[key] as WideJson, 'value')
      }
    })
  }

  #withIndent(indent: number, write: () => void): void {
    const before = this.#indent
    this.#indent = indent
    write()
    this.#indent = before
  }

  // --- used by emit-string.ts ---

  /** Text without line breaks. */
  write(text: string): void {
    this.text += text
    this.column += text.length
  }

  writeBreak(lineBreak = '\n'): void {
    this.text += lineBreak
    this.column = 0
  }

  /** Moves to the column of the current indentation, on a new line unless this one is still empty. */
  writeIndent(): void {
    const indent = Math.max(this.#indent, 0)
    if (!this.indention || this.column > indent || (this.column === indent && !this.#whitespace))
      this.writeBreak()
    if (this.column < indent) this.write(' '.repeat(indent - this.column))
    this.#whitespace = true
    this.indention = true
  }

  /** A space if one is needed and requested, then the text, after which a separator is needed. */
  writeIndicator(text: string, separate: boolean): void {
    if (separate && !this.#whitespace) this.write(' ')
    this.write(text)
    this.#whitespace = false
    this.indention = false
  }

  /** Starts the content of a block of text on a new line after its header. */
  startBlockText(): void {
    this.writeBreak()
    this.#whitespace = true
    this.indention = true
  }

  #writeBlockIndicator(indicator: string): void {
    const { indention } = this
    this.writeIndicator(indicator, true)
    this.indention = indention
  }
}

function isSimpleKey(key: string): boolean {
  if (/[\n\r\x85\u2028\u2029]/.test(key)) return false
  if (key.length * 3 <= MAX_SIMPLE_KEY_BYTES) return true
  return key.length <= MAX_SIMPLE_KEY_BYTES && Buffer.byteLength(key) <= MAX_SIMPLE_KEY_BYTES
}

/** A whole number that fits 64 bits is an integer to Go, which reads it from JSON text. */
function numberText(value: number): string {
  const isInteger = Number.isInteger(value) && value >= -TWO_TO_63 && value < 2 * TWO_TO_63
  return isInteger ? String(BigInt(value)) : floatText(value)
}

function floatText(value: number): string {
  const text = formatFloat64(value)
  return text === 'NaN' ? '.nan' : text === '+Inf' ? '.inf' : text === '-Inf' ? '-.inf' : text
}
