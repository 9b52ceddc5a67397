/**
 * Checks of single annotation values, exactly as strict as Istio's (pkg/kube/inject/validate.go). Each returns the
 * cause, or undefined if the value is valid. annotations.ts assigns them to annotations; IP ranges are in
 * annotation-cidr.ts, ProxyConfig in annotation-proxy-config.ts.
 */
import { quoteText, shortText } from '../visible-text.ts'

/** Go's unicode.IsSpace, used by strings.TrimSpace; JavaScript's trim removes another set. */
const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** Linear: a regular expression that ends in `+$` would be quadratic in the spaces within the text. */
export function trimGoSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && SPACE.test(text.charAt(start))) start++
  while (end > start && SPACE.test(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

/** strconv.ParseBool: one of twelve words; undefined for any other. */
export function parseGoBool(text: string): boolean | undefined {
  switch (text) {
    case '1':
    case 't':
    case 'T':
    case 'true':
    case 'TRUE':
    case 'True':
      return true
    case '0':
    case 'f':
    case 'F':
    case 'false':
    case 'FALSE':
    case 'False':
      return false
    default:
      return undefined
  }
}

/**
 * strconv.Atoi; undefined if it fails. Above 2^53 the number is rounded, which does not matter for a port. Linear: one
 * regular expression for zeros and digits would be quadratic in the zeros of a text that ends in something else.
 */
export function parseGoInt(text: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined
  const digits = text.replace(/^[+-]?0*/, '')
  if (digits.length > 19) return undefined // more than 64 bits can represent
  const value = BigInt(`${text.startsWith('-') ? '-' : ''}${digits === '' ? '0' : digits}`)
  return value < -(1n << 63n) || value >= 1n << 63n ? undefined : Number(value)
}

/** strconv.ParseUint with base 10: digits only. */
function checkUint(text: string, bits: 16 | 32): string | undefined {
  const largest = 2 ** bits - 1
  if (!/^[0-9]+$/.test(text)) return `invalid syntax: expected a whole number from 0 to ${largest}`
  return text.replace(/^0+/, '').length > 10 || Number(text) > largest
    ? `value out of range: expected a whole number from 0 to ${largest}`
    : undefined
}

export function checkUint32(value: string): string | undefined {
  return checkUint(value, 32)
}

export function checkBool(value: string): string | undefined {
  return parseGoBool(value) === undefined ? 'invalid syntax: expected true or false' : undefined
}

/** Spaces around a port are allowed. */
export function checkPort(value: string): string | undefined {
  const cause = checkUint(trimGoSpace(value), 16)
  return cause === undefined ? undefined : `failed parsing port '${shortText(value)}': ${cause}`
}

/** Separated by commas; an empty list is allowed, an empty item is not. */
export function checkPortList(value: string): string | undefined {
  const list = trimGoSpace(value)
  if (list === '') return undefined
  for (const port of list.split(',')) {
    const cause = checkPort(port)
    if (cause !== undefined) return cause
  }
  return undefined
}

export function checkPortListOrAll(value: string): string | undefined {
  return value === '*' ? undefined : checkPortList(value)
}

export function checkInterceptionMode(value: string): string | undefined {
  return value === 'REDIRECT' || value === 'TPROXY' || value === 'NONE'
    ? undefined
    : `interceptionMode invalid: expected REDIRECT, TPROXY or NONE`
}

/** Istio 1.30+: names of Linux network interfaces, separated by commas. */
export function checkInterfaces(value: string): string | undefined {
  if (value === '') return undefined
  for (const item of value.split(',')) {
    const name = trimGoSpace(item)
    if (name === '') return 'empty interface name between two commas or at an end of the list'
    if (new TextEncoder().encode(name).length > 15) {
      return `interface name ${quoteText(name)} too long: at most 15 characters`
    }
    if (!/^[a-zA-Z][a-zA-Z0-9_.-]*$/.test(name)) {
      return `interface name ${quoteText(name)} contains invalid characters: expected a letter, then letters, digits, '_', '.', '-'`
    }
  }
  return undefined
}
