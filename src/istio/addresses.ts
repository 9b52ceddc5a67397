/** Names and addresses as Istio's validation takes them (pkg/config/validation/agent). Each gives what is wrong, or undefined. */

const label = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/
const wildcardLabel = /^(?:\*|(?:\*-?)?[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)$/

export function portProblem(port: number): string | undefined {
  return port >= 1 && port <= 65535 ? undefined : `port number ${port} must be in the range 1..65535`
}

/** Labels of a domain; a last empty one is allowed (`istio.io.`), a last numeric one is not. */
function labelsProblem(domain: string): string | undefined {
  const labels = domain.split('.')
  if (/^[-+]?\d+$/.test(labels.at(-1) ?? '')) {
    return `domain name ${JSON.stringify(domain)} invalid (top level domain cannot be all-numeric)`
  }
  for (const [i, text] of labels.entries()) {
    if (i === labels.length - 1 && text === '') return undefined
    if (!label.test(text))
      return `domain name ${JSON.stringify(domain)} invalid (label ${JSON.stringify(text)} invalid)`
  }
  return undefined
}

function lengthProblem(domain: string): string | undefined {
  if (domain === '') return 'empty domain name not allowed'
  return domain.length > 255 ? `domain name ${JSON.stringify(domain)} too long (max 255)` : undefined
}

export function domainProblem(domain: string): string | undefined {
  return lengthProblem(domain) ?? labelsProblem(domain)
}

/** A domain whose first label may be or begin with `*`. */
export function wildcardDomainProblem(domain: string): string | undefined {
  const problem = lengthProblem(domain)
  if (problem !== undefined) return problem
  const dot = domain.indexOf('.')
  const first = dot < 0 ? domain : domain.slice(0, dot)
  if (first.length > 63 || !wildcardLabel.test(first)) {
    return `domain name ${JSON.stringify(domain)} invalid (label ${JSON.stringify(first)} invalid)`
  }
  return dot < 0 ? undefined : labelsProblem(domain.slice(dot + 1))
}

/** Like a domain, but its last label may be numeric. */
export function trustDomainProblem(domain: string): string | undefined {
  if (domain === '') return 'empty domain name not allowed'
  const labels = domain.split('.')
  const bad = labels.some((text, i) => !(i === labels.length - 1 && text === '') && !label.test(text))
  // Go stops at the first empty last label, and a bad one before it has been met by then.
  return bad ? `trust domain name ${JSON.stringify(domain)} invalid` : undefined
}

/** `host:port`, `1.2.3.4:port`, `[::1]:port`. */
export function proxyAddressProblem(address: string): string | undefined {
  const found = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(address)
  if (found === null) return `unable to split ${JSON.stringify(address)} into host and port`
  const [, bracketed, plain, port = ''] = found
  if (!/^[-+]?\d+$/.test(port)) return `port (${port}) is not a number`
  const host = bracketed ?? plain ?? ''
  const problem = portProblem(Number(port))
  if (problem !== undefined) return problem
  if (domainProblem(host) === undefined || isIpAddress(host)) return undefined
  return `${JSON.stringify(host)} is not a valid hostname or an IP address`
}

export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text)
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
}

function isIpv6(text: string): boolean {
  // A zone is part of what Go's netip takes.
  const [address = '', zone] = text.split('%', 2)
  if (zone === '') return false
  const halves = address.split('::')
  if (halves.length > 2) return false
  let groups = 0
  for (const [h, half] of halves.entries()) {
    if (half === '') continue
    const parts = half.split(':')
    for (const [i, part] of parts.entries()) {
      const last = h === halves.length - 1 && i === parts.length - 1
      if (last && part.includes('.')) {
        if (!isIpv4(part)) return false
        groups += 2
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups += 1
      else return false
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8
}
