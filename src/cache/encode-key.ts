/**
 * Encodes cache keys: different parts give different keys, whatever characters they contain. A text is written with its
 * length before it, so no part can be mistaken for the end of one and the beginning of the next. The only other encoding
 * of keys is one JSON text (admission/answer-key.ts).
 */

export type KeyPart = string | number | boolean | undefined

export function encodeKey(parts: readonly KeyPart[]): string {
  let key = ''
  for (const part of parts) key += encodePart(part)
  return key
}

function encodePart(part: KeyPart): string {
  switch (typeof part) {
    case 'string':
      return `${part.length}:${part}`
    case 'number':
      return `n${part};`
    case 'boolean':
      return part ? 't' : 'f'
    default:
      return 'u'
  }
}
