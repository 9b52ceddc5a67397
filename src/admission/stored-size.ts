/**
 * Finds pods that etcd cannot store from the text of their reviews, which costs a twentieth of parsing them. It
 * computes a lower bound of the protobuf that the API server writes: strings, keys of maps, and items of lists.
 * stored-fields.ts lists the stored fields.
 */
import { type Part, partAt } from './stored-fields.ts'

/** etcd's default of --max-request-bytes. */
export const ETCD_MAX_REQUEST_BYTES = 1.5 * 2 ** 20

/**
 * Whether the pod of a review certainly takes more than `maxBytes` in etcd.
 * @param body JSON as an API server writes it; for any other text the result is arbitrary
 */
export function exceedsStoredBytes(body: Uint8Array, maxBytes: number): boolean {
  // Nothing counts more than its text.
  if (body.length <= maxBytes) return false
  return new PodText(Buffer.from(body.buffer, body.byteOffset, body.byteLength)).exceeds(maxBytes)
}

const [QUOTE, COMMA, BACKSLASH, LETTER_U] = [0x22, 0x2c, 0x5c, 0x75]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
/** A tag and a length precede each string and message, and take at least one byte each. */
const PREFIX = 2
/** The parser refuses deeper nesting. */
const MAX_DEPTH = 512

interface Container {
  readonly isList: boolean
  /** For an object, its kind; for a list, the kind of its items. */
  readonly part: Part
}

const LISTS: { readonly [part in Part]?: Container } = {
  struct: { isList: true, part: 'struct' },
  // Not every field with a map's name is a map.
  map: { isList: true, part: 'struct' },
}
const NO_LIST: Container = { isList: true, part: 'nothing' }

class PodText {
  readonly #body: Buffer
  /** The last string that was read. */
  #stringBytes = 0
  readonly #open: Container[] = []
  #inner: Container = { isList: true, part: 'review' }
  #isKey = false
  /** The kind of the next value. */
  #next: Part = 'review'

  constructor(body: Buffer) {
    this.#body = body
  }

  exceeds(maxBytes: number): boolean {
    const body = this.#body
    let bytes = 0
    for (let at = 0; at < body.length && bytes <= maxBytes; at++) {
      const c = body[at]
      if (c === QUOTE) {
        const end = this.#endOfString(at)
        bytes += this.#isKey ? this.#readKey(at + 1, end) : this.#ofString()
        at = end
      } else if (c === OPEN_OBJECT) {
        if (this.#open.length === MAX_DEPTH) return false
        bytes += this.#openObject()
      } else if (c === OPEN_LIST) {
        if (this.#open.length === MAX_DEPTH) return false
        this.#enter(LISTS[this.#next] ?? NO_LIST)
      } else if (c === CLOSE_OBJECT || c === CLOSE_LIST) this.#leave()
      else if (c === COMMA) this.#isKey = !this.#inner.isList
    }
    return bytes > maxBytes
  }

  /** The bytes that a key adds; its value comes next. */
  #readKey(start: number, end: number): number {
    const { part } = this.#inner
    this.#isKey = false
    this.#next = partAt(part, this.#body, start, end)
    // A map is stored as a list of messages, each with a key and a value.
    const isMap = (part === 'map' || part === 'annotations') && this.#next !== 'nothing'
    return isMap ? this.#stringBytes + 2 * PREFIX : 0
  }

  #ofString(): number {
    return this.#next === 'struct' || this.#next === 'text' ? this.#stringBytes + PREFIX : 0
  }

  #openObject(): number {
    const item = this.#inner.isList && this.#next === 'struct' ? PREFIX : 0
    this.#enter({ isList: false, part: this.#next })
    this.#isKey = true
    return item
  }

  #enter(container: Container): void {
    this.#open.push(this.#inner)
    this.#inner = container
    if (container.isList) this.#next = container.part
  }

  #leave(): void {
    this.#inner = this.#open.pop() ?? NO_LIST
    this.#isKey = false
    this.#next = this.#inner.isList ? this.#inner.part : 'nothing'
  }

  /** The closing quote of the string that starts at `start`. An escape is at least one byte. */
  #endOfString(start: number): number {
    const body = this.#body
    let end = start + 1
    let escaped = 0
    for (let c = body[end]; c !== QUOTE && end < body.length; c = body[end]) {
      if (c !== BACKSLASH) end++
      else {
        const length = body[end + 1] === LETTER_U ? 6 : 2
        escaped += length - 1
        end += length
      }
    }
    this.#stringBytes = end - start - 1 - escaped
    return end
  }
}
