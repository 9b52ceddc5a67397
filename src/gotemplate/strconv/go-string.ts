/**
 * Go strings, which are bytes, as JavaScript strings. Valid text is unchanged; a byte that is not part of valid UTF-8
 * is one unit U+DC80..U+DCFF. A lone surrogate cannot mean anything else here, because Go's decoders replace those in
 * the input by U+FFFD. In the common case these are ordinary strings.
 */

const ASCII = /^\p{ASCII}*$/u
const BYTE_UNIT = /[\udc80-\udcff]/
/** A unit that is not the low half of a pair. */
const ESCAPED_BYTE = /(?<![\ud800-\udbff])[\udc80-\udcff]/

function isAscii(text: string): boolean {
  return ASCII.test(text)
}

/** Whether the text has bytes that are not valid UTF-8. */
export function hasRawBytes(text: string): boolean {
  return BYTE_UNIT.test(text) && ESCAPED_BYTE.test(text)
}

/** Go's len. */
export function byteLength(text: string): number {
  return isAscii(text) ? text.length : toBytes(text).length
}

/** The exact bytes. */
export function toBytes(text: string): Uint8Array {
  if (!hasRawBytes(text)) return Buffer.from(text, 'utf8')
  const parts: Uint8Array[] = []
  let plain = ''
  for (const char of text) {
    const unit = char.charCodeAt(0)
    if (char.length === 1 && unit >= 0xdc80 && unit <= 0xdcff) {
      parts.push(Buffer.from(plain, 'utf8'), Uint8Array.of(unit - 0xdc00))
      plain = ''
    } else {
      plain += char
    }
  }
  parts.push(Buffer.from(plain, 'utf8'))
  return Buffer.concat(parts)
}

/** Converts any bytes to text. */
export function fromBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  // Only a replacement character can be a sign of invalid bytes.
  if (!text.includes('\ufffd')) return text
  let result = ''
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0) {
      result += String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
      at++
    } else {
      result += Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('utf8')
      at += length
    }
  }
  return result
}

/** Length of the valid UTF-8 sequence at `at`, 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length =
    first >= 0xc2 && first < 0xe0
      ? 2
      : first >= 0xe0 && first < 0xf0
        ? 3
        : first >= 0xf0 && first < 0xf5
          ? 4
          : 0
  if (length === 0 || at + length > bytes.length) return 0
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1] ?? 0
  const bad =
    (first === 0xe0 && second < 0xa0) ||
    (first === 0xed && second > 0x9f) ||
    (first === 0xf0 && second < 0x90) ||
    (first === 0xf4 && second > 0x8f)
  return bad ? 0 : length
}

/** s[start:end] in bytes; both in range. */
export function sliceBytes(text: string, start: number, end: number): string {
  if (isAscii(text)) return text.slice(start, end)
  return fromBytes(toBytes(text).subarray(start, end))
}

/** Converts adjacent parts of a split sequence back to characters. */
export function rejoin(text: string): string {
  return hasRawBytes(text) ? fromBytes(toBytes(text)) : text
}

/** The text as a UTF-8 decoder reads it: U+FFFD for each invalid byte. */
export function toValidText(text: string): string {
  return hasRawBytes(text) ? text.replace(new RegExp(ESCAPED_BYTE, 'g'), '\ufffd') : text
}

/** Go's order of strings: by bytes. Negative, 0 or positive. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // UTF-16 order is byte order except from the first surrogate on.
    if (x < 0xd800 && y < 0xd800) return x - y
    return Buffer.compare(toBytes(a), toBytes(b))
  }
  return a.length - b.length
}

/** Number of runes: characters, with an invalid byte counting as one. */
export function runeCount(text: string): number {
  if (isAscii(text)) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}
