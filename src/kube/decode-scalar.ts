/** Decodes values without parts: texts, booleans and numbers, and the types whose own decoders read a text. */
import type { JsonValue } from '../json/index.ts'
import type { ScalarKind } from '../merge/index.ts'
import { type DecodeState, formatError, typeError } from './decode-state.ts'
import { parseQuantity } from './quantity.ts'
import { parseTime } from './time.ts'

const INT_LIMITS: { readonly [kind in 'int32' | 'int64']: number } = { int32: 2 ** 31, int64: 2 ** 63 }

/** Undefined for a value of another type, or a number out of range. */
export function decodeScalar(
  scalar: ScalarKind,
  goType: string,
  value: JsonValue,
  state: DecodeState,
  atOnce = false,
): JsonValue | undefined {
  switch (scalar) {
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'bool':
      if (typeof value === 'boolean') return value
      break
    default: {
      if (typeof value !== 'number') break
      // 2^63 is accepted: JSON.parse returns it for the greatest int64, which is valid.
      const limit = INT_LIMITS[scalar]
      const fits =
        Number.isInteger(value) && value >= -limit && (value < limit || (value === limit && limit > 2 ** 53))
      if (fits) return value === 0 ? 0 : value
      typeError(value, goType, state, { found: `number ${value}`, expected: scalar, atOnce })
      return undefined
    }
  }
  typeError(value, goType, state, { expected: scalar, atOnce })
  return undefined
}

/** Canonical. */
export function decodeQuantity(value: JsonValue, state: DecodeState): JsonValue {
  const text = typeof value === 'string' ? trimAsGo(value) : JSON.stringify(value)
  const quantity = parseQuantity(text)
  if (quantity.ok) return quantity.canonical
  formatError(
    'kube-quantity',
    { reason: quantity.error, expected: 'a quantity such as 100m or 128Mi' },
    state,
  )
  return value
}

/** Go trims the JSON text, where a tab or line break is still an escape. */
function trimAsGo(text: string): string {
  const trimmed = text.trim()
  if (trimmed.length === text.length) return text
  return /[\t\n\v\f\r\ufeff]/.test(text) ? text : trimmed
}

/** RFC 3339, canonical; null if the value is not a text. */
export function decodeTime(value: JsonValue, state: DecodeState): string | null {
  if (typeof value !== 'string') {
    typeError(value, 'string', state, { atOnce: true })
    return null
  }
  const time = parseTime(value)
  if (time.ok) return time.canonical
  formatError('kube-time', { reason: time.error, expected: 'a time such as 2006-01-02T15:04:05Z' }, state)
  return null
}
