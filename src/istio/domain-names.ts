/**
 * Domain names as Istio's mesh validation accepts them (pkg/config/validation/agent). Each check returns the problem or
 * undefined. Addresses with a port are in annotation-address.ts.
 */
import { quoteText } from '../visible-text.ts'

const label = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/
const wildcardLabel = /^(?:\*|(?:\*-?)?[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)$/

/** Checks the labels of a domain; an empty last label is allowed (`istio.io.`), a numeric one is not. */
function labelsProblem(domain: string): string | undefined {
  const labels = domain.split('.')
  if (/^[-+]?\d+$/.test(labels.at(-1) ?? '')) {
    return `domain name ${quoteText(domain)} invalid (top level domain cannot be all-numeric)`
  }
  for (const [i, text] of labels.entries()) {
    if (i === labels.length - 1 && text === '') return undefined
    if (!label.test(text))
      return `domain name ${quoteText(domain)} invalid (label ${quoteText(text)} invalid)`
  }
  return undefined
}

function lengthProblem(domain: string): string | undefined {
  if (domain === '') return 'empty domain name not allowed'
  return domain.length > 255 ? `domain name ${quoteText(domain)} too long (max 255)` : undefined
}

/** A domain whose first label may be `*` or begin with it. */
export function wildcardDomainProblem(domain: string): string | undefined {
  const problem = lengthProblem(domain)
  if (problem !== undefined) return problem
  const dot = domain.indexOf('.')
  const first = dot < 0 ? domain : domain.slice(0, dot)
  if (first.length > 63 || !wildcardLabel.test(first)) {
    return `domain name ${quoteText(domain)} invalid (label ${quoteText(first)} invalid)`
  }
  return dot < 0 ? undefined : labelsProblem(domain.slice(dot + 1))
}

/** Like a domain, but its last label may be numeric. */
export function trustDomainProblem(domain: string): string | undefined {
  if (domain === '') return 'empty domain name not allowed'
  const labels = domain.split('.')
  const bad = labels.some((text, i) => !(i === labels.length - 1 && text === '') && !label.test(text))
  // Go stops at the first empty last label, and has found an invalid label before it by then.
  return bad ? `trust domain name ${quoteText(domain)} invalid` : undefined
}
