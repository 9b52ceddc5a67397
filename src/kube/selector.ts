/**
 * metav1.LabelSelector compiled to a predicate with the checks of apimachinery's LabelSelectorAsSelector. An empty
 * selector matches everything; that Istio ignores empty ones is handled by the callers.
 */

import { quoteText } from '../visible-text.ts'
import { KubeError } from './error.ts'
import type { Labels } from './labels.ts'

export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string }
  readonly matchExpressions?: readonly LabelSelectorRequirement[]
}

export interface LabelSelectorRequirement {
  readonly key: string
  /** In, NotIn, Exists or DoesNotExist. */
  readonly operator: string
  readonly values?: readonly string[]
}

export type LabelPredicate = (labels: Labels) => boolean

/** @throws KubeError kube-selector with the path within the selector */
export function compileSelector(selector: LabelSelector): LabelPredicate {
  const predicates: LabelPredicate[] = []
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    const path = `matchLabels[${key}]`
    checkKey(key, path)
    checkValue(value, path)
    predicates.push((labels) => labels.get(key) === value)
  }
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries()) {
    predicates.push(compileRequirement(requirement, `matchExpressions[${index}]`))
  }
  return (labels) => predicates.every((predicate) => predicate(labels))
}

function compileRequirement(
  { key, operator, values = [] }: LabelSelectorRequirement,
  path: string,
): LabelPredicate {
  checkKey(key, `${path}.key`)
  switch (operator) {
    case 'In':
    case 'NotIn': {
      if (values.length === 0) {
        throw invalid(`${path}.values`, `the operator ${operator} needs at least one value`)
      }
      for (const [index, value] of values.entries()) checkValue(value, `${path}.values[${index}]`)
      const wanted = new Set(values)
      if (operator === 'NotIn') {
        // A missing label is not in any set.
        return (labels) => {
          const value = labels.get(key)
          return value === undefined || !wanted.has(value)
        }
      }
      return (labels) => {
        const value = labels.get(key)
        return value !== undefined && wanted.has(value)
      }
    }
    case 'Exists':
    case 'DoesNotExist': {
      if (values.length > 0) throw invalid(`${path}.values`, `the operator ${operator} takes no values`)
      const exists = operator === 'Exists'
      return (labels) => (labels.get(key) !== undefined) === exists
    }
    default:
      throw invalid(
        `${path}.operator`,
        `${JSON.stringify(operator)} is not a valid label selector operator; expected In, NotIn, Exists or DoesNotExist`,
      )
  }
}

const NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const MAX_NAME = 63
const MAX_PREFIX = 253

function checkKey(key: string, path: string): void {
  const slash = key.indexOf('/')
  const prefix = key.slice(0, Math.max(slash, 0))
  const name = key.slice(slash + 1)
  if (slash >= 0 && (prefix.length > MAX_PREFIX || !DNS_SUBDOMAIN.test(prefix))) {
    throw invalid(
      path,
      `the prefix of the label key ${show(key)} is not a DNS subdomain of at most ${MAX_PREFIX} characters`,
    )
  }
  if (name.length > MAX_NAME || !NAME.test(name)) {
    throw invalid(
      path,
      `the label key ${show(key)} needs a name of at most ${MAX_NAME} letters, digits, "-", "_" or ".", with a letter or digit at both ends`,
    )
  }
}

function checkValue(value: string, path: string): void {
  if (value === '' || (value.length <= MAX_NAME && NAME.test(value))) return
  throw invalid(
    path,
    `the label value ${show(value)} is not at most ${MAX_NAME} letters, digits, "-", "_" or ".", with a letter or digit at both ends`,
  )
}

function invalid(path: string, reason: string): KubeError {
  return new KubeError('kube-selector', reason, path)
}

function show(text: string): string {
  return quoteText(text)
}
