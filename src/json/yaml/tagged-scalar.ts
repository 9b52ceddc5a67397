/** The meaning of a scalar with an explicit tag (`!!int "7"`, `!!binary aGk=`), as in go-yaml v2's resolve. */
import { isTimestamp, resolvePlain, type Scalar } from './resolve.ts'

const CORE = 'tag:yaml.org,2002:'

/** Undefined if the text is not of the tag's type. A tag unknown to Go does not change the text. */
export function resolveTagged(tag: string, text: string): Scalar | undefined {
  switch (tag) {
    case `${CORE}bool`:
      return only(text, (value) => typeof value === 'boolean')
    case `${CORE}null`:
      return only(text, (value) => value === null)
    case `${CORE}int`:
      return only(text, (value) => typeof value === 'bigint')
    case `${CORE}float`: {
      const value = resolvePlain(text)
      if (typeof value === 'number') return value
      // Integers above int64 are refused: Go converts only what it holds as a signed integer.
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? Number(value) : undefined
    }
    case `${CORE}timestamp`:
      return isTimestamp(text) ? text : undefined
    case `${CORE}binary`:
      return decodeBinary(text)
    default:
      return text
  }
}

function only(text: string, accepts: (value: Scalar) => boolean): Scalar | undefined {
  const value = resolvePlain(text)
  return accepts(value) ? value : undefined
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function decodeBinary(text: string): string | undefined {
  const packed = text.replace(/[\r\n]/g, '')
  return BASE64.test(packed) ? decodeUtf8(Buffer.from(packed, 'base64')) : undefined
}

/** Each invalid UTF-8 byte becomes a lone surrogate, which the JSON encoder writes as Go writes such bytes. */
function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    // The index is in range.
    const lead = bytes[i] as number
    const length = lead < 0x80 ? 1 : lead >> 5 === 6 ? 2 : lead >> 4 === 14 ? 3 : lead >> 3 === 30 ? 4 : 0
    const piece = Buffer.from(bytes.subarray(i, i + length)).toString('utf8')
    const isCharacter =
      length > 0 && (piece !== '\ufffd' || (lead === 0xef && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd))
    if (isCharacter && [...piece].length === 1) {
      text += piece
      i += length
    } else {
      text += String.fromCharCode(0xdc00 + lead)
      i++
    }
  }
  return text
}
