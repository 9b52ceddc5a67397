/**
 * Network addresses in a ProxyConfig: `host:port` with a DNS name or an IP address, checked as strictly as Istio's
 * ValidateProxyAddress (pkg/config/validation).
 */

import { quoteText } from '../visible-text.ts'
import { isIpAddress } from './annotation-cidr.ts'
import { parseGoInt } from './annotation-values.ts'

/** The reason why it is not a valid address; undefined if it is one. */
export function checkAddress(address: string): string | undefined {
  const parts = splitHostPort(address)
  if (typeof parts === 'string') return `unable to split ${quoteText(address)}: ${parts}`
  const port = parseGoInt(parts.port)
  if (port === undefined) return `port ${quoteText(parts.port)} is not a number`
  return (
    checkPortNumber(port) ??
    (isFqdn(parts.host) || isIpAddress(parts.host)
      ? undefined
      : `${quoteText(parts.host)} is not a valid hostname or an IP address`)
  )
}

export function checkPortNumber(port: number): string | undefined {
  return port >= 1 && port <= 65535 ? undefined : `port number ${port} must be in the range 1..65535`
}

/** Go's net.SplitHostPort, or the reason why it fails. */
function splitHostPort(address: string): { readonly host: string; readonly port: string } | string {
  const colon = address.lastIndexOf(':')
  if (colon < 0) return 'missing port in address'
  if (!address.startsWith('[')) {
    const host = address.slice(0, colon)
    if (host.includes(':')) return 'too many colons in address; an IPv6 address needs brackets'
    return /[[\]]/.test(address) ? 'unexpected bracket in address' : { host, port: address.slice(colon + 1) }
  }
  const end = address.indexOf(']')
  if (end < 0) return "missing ']' in address"
  if (end + 1 === address.length) return 'missing port in address'
  if (end + 1 !== colon) {
    return address[end + 1] === ':' ? 'too many colons in address' : 'missing port in address'
  }
  const host = address.slice(1, end)
  if (host.includes('[') || address.slice(end + 1).includes('[')) return "unexpected '[' in address"
  return address.slice(end + 1).includes(']')
    ? "unexpected ']' in address"
    : { host, port: address.slice(colon + 1) }
}

/** A trailing dot is allowed; a numeric last label means a malformed IP address. */
function isFqdn(name: string): boolean {
  if (name === '' || new TextEncoder().encode(name).length > 255) return false
  const labels = name.split('.')
  const last = labels.at(-1) ?? ''
  if (parseGoInt(last) !== undefined) return false
  const checked = last === '' ? labels.slice(0, -1) : labels
  return checked.every(
    (label) => label.length <= 63 && /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(label),
  )
}
