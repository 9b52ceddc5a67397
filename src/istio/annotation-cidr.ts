/**
 * IP ranges in annotations: lists of CIDR prefixes, validated as Go's netip.ParsePrefix does (Istio 1.16+; before that
 * net.ParseCIDR, which differs in corner cases only).
 */
import { quoteText } from '../visible-text.ts'

export function checkIncludeRanges(value: string): string | undefined {
  if (value === '*') return undefined
  const cause = checkRanges(value)
  return cause === undefined ? undefined : `includeIPRanges invalid: ${cause}`
}

export function checkExcludeRanges(value: string): string | undefined {
  const cause = checkRanges(value)
  return cause === undefined ? undefined : `excludeIPRanges invalid: ${cause}`
}

/** Separated by commas, without spaces; an empty list is allowed, an empty item is not. */
function checkRanges(value: string): string | undefined {
  if (value === '') return undefined
  for (const range of value.split(',')) {
    const cause = whyNoPrefix(range)
    if (cause !== undefined) return `failed parsing cidr '${range}': ${cause}`
  }
  return undefined
}

function whyNoPrefix(text: string): string | undefined {
  const slash = text.lastIndexOf('/')
  if (slash < 0) return "no '/': expected a prefix like 10.0.0.0/8"
  const address = text.slice(0, slash)
  const bits = text.slice(slash + 1)
  const isV4 = /^[^.:%]*\./.test(address)
  if (address.includes('%')) return 'IPv6 zones cannot be part of a prefix'
  const cause = isV4 ? whyNoIpv4(address) : whyNoIpv6(address)
  if (cause !== undefined) return cause
  if (!/^(0|[1-9][0-9]*)$/.test(bits)) return `bad bits after slash: ${quoteText(bits)}`
  const largest = isV4 ? 32 : 128
  return bits.length > 3 || Number(bits) > largest
    ? `prefix length out of range: at most ${largest}`
    : undefined
}

/** As Go's netip.ParseAddr; a zone at the end of an IPv6 address is allowed. */
export function isIpAddress(text: string): boolean {
  const first = /[.:%]/.exec(text)?.[0]
  if (first === '.') return whyNoIpv4(text) === undefined
  const percent = text.indexOf('%')
  const address = percent < 0 ? text : text.slice(0, percent)
  return first === ':' && percent !== text.length - 1 && whyNoIpv6(address) === undefined
}

function whyNoIpv4(text: string): string | undefined {
  const stranger = /[^0-9.]/u.exec(text)
  if (stranger !== null) return `unexpected character ${quoteText(stranger[0])} in ${quoteText(text)}`
  const fields = text.split('.')
  if (fields.length !== 4) return `${quoteText(text)}: an IPv4 address has four numbers`
  for (const field of fields) {
    if (field === '') return `${quoteText(text)}: IPv4 field must have at least one digit`
    if (field.length > 1 && field.startsWith('0')) return `${quoteText(text)}: IPv4 field has a leading zero`
    if (Number(field) > 255) return `${quoteText(text)}: IPv4 field has value >255`
  }
  return undefined
}

function whyNoIpv6(text: string): string | undefined {
  if (!text.includes(':')) return `unable to parse IP ${quoteText(text)}`
  const halves = text.split('::')
  if (halves.length > 2) return `${quoteText(text)}: multiple '::' in one address`
  let groups = 0
  for (const [index, half] of halves.entries()) {
    // A side of '::' may be empty.
    const fields = half === '' && halves.length === 2 ? [] : half.split(':')
    for (const [position, field] of fields.entries()) {
      const isLast = index === halves.length - 1 && position === fields.length - 1
      if (isLast && field.includes('.')) {
        const cause = whyNoIpv4(field)
        if (cause !== undefined) return cause
        groups += 2
      } else if (/^[0-9a-fA-F]{1,4}$/.test(field)) {
        groups += 1
      } else {
        return `${quoteText(text)}: unexpected ${quoteText(field)}, a group is one to four hexadecimal digits`
      }
    }
  }
  const fits = halves.length === 2 ? groups < 8 : groups === 8
  return fits ? undefined : `${quoteText(text)}: an IPv6 address has eight groups`
}
