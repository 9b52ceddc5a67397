/**
 * Decides whether a pod is injected (Istio's injectRequired), after the webhook's selectors: by network, namespace, the
 * inject label or annotation, the configuration's selectors and its policy.
 */
import { type JsonObject, own } from '../json/index.ts'
import {
  annotationOf,
  INJECT_LABEL,
  type LabelPredicate,
  labelOf,
  labelsOf,
  metadataOf,
  objectAt,
  specOf,
  textAt,
} from '../kube/index.ts'
import { quoteText } from '../visible-text.ts'
import type { CodeOf } from './codes.ts'
import { systemNamespaces } from './decide-revision-rules.ts'
import type { Note } from './outcome.ts'
import type { RevisionConfig } from './revision-config.ts'

export interface PolicyDecision {
  /** undefined: inject. */
  readonly skip: CodeOf<'skipped'> | undefined
  readonly notes: readonly Note[]
}

/** @param pod typed, with its namespace set */
export function decidePolicy(pod: JsonObject, config: RevisionConfig): PolicyDecision {
  if (own(specOf(pod), 'hostNetwork') === true) return { skip: 'host-network', notes: [] }
  if (systemNamespaces.has(textAt(metadataOf(pod), 'namespace')))
    return { skip: 'system-namespace', notes: [] }
  const wish = readWish(pod, config)
  return { skip: applyPolicy(wish.asks ?? askSelectors(pod, config), config), notes: wish.notes }
}

/** Whether injection is requested, and if not, the reason. */
type Asked = { readonly inject: true } | { readonly inject: false; readonly code: CodeOf<'skipped'> }

interface Wish {
  /** undefined: the pod has no such label or annotation, so selectors and policy decide. */
  readonly asks: Asked | undefined
  readonly notes: readonly Note[]
}

/** Istio 1.12+: the label overrides the annotation. */
function readWish(pod: JsonObject, config: RevisionConfig): Wish {
  const label = config.gates.injectLabelBeatsAnnotation ? labelOf(pod, INJECT_LABEL) : undefined
  const value = label ?? annotationOf(pod, INJECT_LABEL) ?? ''
  if (value === '') return { asks: undefined, notes: [] }
  const no: Asked = { inject: false, code: label === undefined ? 'inject-annotation-false' : 'pod-opted-out' }
  if (!config.gates.injectValueExact) {
    // Istio before 1.27: YAML 1.1's words for true; everything else means false.
    return { asks: /^(?:y|yes|true|on)$/i.test(value) ? { inject: true } : no, notes: [] }
  }
  if (value === 'true') return { asks: { inject: true }, notes: [] }
  if (value === 'false') return { asks: no, notes: [] }
  const message = `${label === undefined ? 'annotation' : 'label'} ${INJECT_LABEL} is ${quoteText(value)}, which is neither "true" nor "false", so it is treated as not set`
  return { asks: undefined, notes: [{ code: 'inject-value-invalid', message }] }
}

function askSelectors(pod: JsonObject, config: RevisionConfig): Asked | undefined {
  const labels = labelsOf(objectAt(metadataOf(pod), 'labels'))
  const matches = (selector: LabelPredicate): boolean => selector(labels)
  if (config.neverInject.some(matches)) return { inject: false, code: 'never-inject-selector' }
  return config.alwaysInject.some(matches) ? { inject: true } : undefined
}

function applyPolicy(asked: Asked | undefined, config: RevisionConfig): CodeOf<'skipped'> | undefined {
  switch (config.injector.policy) {
    case 'enabled':
      return asked === undefined || asked.inject ? undefined : asked.code
    case 'disabled':
      if (asked === undefined) return 'policy-disabled'
      return asked.inject ? undefined : asked.code
    default:
      // Neither of the two words: Istio injects nothing, whatever the pod requests.
      return 'policy-disabled'
  }
}
