/**
 * Why a pod that reached the injector is injected or not, step by step, each with its value and its source. The
 * decision is made by policy.ts; a property test compares the two.
 */

import { type CodeOf, decidePolicy, type RevisionConfig } from '../../inject/index.ts'
import { type JsonObject, own } from '../../json/index.ts'
import {
  annotationOf,
  INJECT_LABEL,
  labelOf,
  labelsOf,
  metadataOf,
  objectAt,
  specOf,
  textAt,
} from '../../kube/index.ts'

export interface PolicyStep {
  /** The source of the value: `spec.hostNetwork`, `pod label sidecar.istio.io/inject`. */
  readonly from: string
  /** The value as written; undefined: not set. */
  readonly value: string | undefined
  readonly says: 'inject' | 'skip' | 'nothing'
  /** This step decided; later ones are not evaluated. */
  readonly decides: boolean
}

export interface PolicyTrace {
  readonly steps: readonly PolicyStep[]
  /** undefined: inject. */
  readonly skip: CodeOf<'skipped'> | undefined
}

type Step = Omit<PolicyStep, 'decides'>

/** @param pod typed, with its namespace set */
export function tracePolicy(pod: JsonObject, config: RevisionConfig): PolicyTrace {
  const { skip } = decidePolicy(pod, config)
  const labels = labelsOf(objectAt(metadataOf(pod), 'labels'))
  const hostNetwork = own(specOf(pod), 'hostNetwork') === true
  const never = config.neverInject.some((selector) => selector(labels))
  const always = config.alwaysInject.some((selector) => selector(labels))
  const { policy } = config.injector
  const steps: readonly Step[] = [
    {
      from: 'spec.hostNetwork',
      value: hostNetwork ? 'true' : undefined,
      says: hostNetwork ? 'skip' : 'nothing',
    },
    {
      from: 'system namespaces',
      value: textAt(metadataOf(pod), 'namespace'),
      says: skip === 'system-namespace' ? 'skip' : 'nothing',
    },
    ...wishes(pod, config),
    {
      from: `neverInjectSelector (${config.neverInject.length})`,
      value: never ? 'matches' : 'no match',
      says: never ? 'skip' : 'nothing',
    },
    {
      from: `alwaysInjectSelector (${config.alwaysInject.length})`,
      value: always ? 'matches' : 'no match',
      says: always ? 'inject' : 'nothing',
    },
    {
      from: 'policy of the injector configuration',
      value: policy,
      says: policy === 'enabled' ? 'inject' : 'skip',
    },
  ]
  return { steps: findDeciding(steps, policy), skip }
}

/** Label and annotation; if the label counts and is set, the annotation is ignored. */
function wishes(pod: JsonObject, config: RevisionConfig): readonly Step[] {
  const label = config.gates.injectLabelBeatsAnnotation ? labelOf(pod, INJECT_LABEL) : undefined
  const annotation = annotationOf(pod, INJECT_LABEL)
  return [
    { from: `pod label ${INJECT_LABEL}`, value: labelOf(pod, INJECT_LABEL), says: read(label, config) },
    {
      from: `pod annotation ${INJECT_LABEL}`,
      value: annotation,
      says: label === undefined ? read(annotation, config) : 'nothing',
    },
  ]
}

function read(value: string | undefined, config: RevisionConfig): Step['says'] {
  if (value === undefined || value === '') return 'nothing'
  if (config.gates.injectValueExact)
    return value === 'true' ? 'inject' : value === 'false' ? 'skip' : 'nothing'
  return /^(?:y|yes|true|on)$/i.test(value) ? 'inject' : 'skip'
}

/** With an invalid policy nothing is injected, whatever was requested before (except for host network). */
function findDeciding(steps: readonly Step[], policy: string): readonly PolicyStep[] {
  const known = policy === 'enabled' || policy === 'disabled'
  const deciding = steps.findIndex(
    ({ says }, index) => says !== 'nothing' && (known || index < 2 || index === steps.length - 1),
  )
  return steps.map((step, index) => ({ ...step, decides: index === deciding }))
}
