/**
 * The annotations that Istio validates before it injects, and all failures of a pod at once. A row assigns each
 * annotation its check. Annotations that Istio does not validate are read by the templates and the post-passes.
 */
import { type JsonObject, own } from '../json/index.ts'
import { parseQuantity } from '../kube/index.ts'
import { shortText } from '../visible-text.ts'
import { checkExcludeRanges, checkIncludeRanges } from './annotation-cidr.ts'
import { type AnnotationCheckOptions, checkProxyConfig } from './annotation-proxy-config.ts'
import {
  checkBool,
  checkInterceptionMode,
  checkInterfaces,
  checkPort,
  checkPortList,
  checkPortListOrAll,
  checkUint32,
} from './annotation-values.ts'
import type { GateName } from './gates.ts'

interface AnnotationRow {
  /** The reason why the value is invalid; undefined if it is valid. */
  readonly check: (value: string, options: AnnotationCheckOptions) => string | undefined
  /** Checked only if this gate is on. */
  readonly gate?: GateName
}

/** The error is that of Kubernetes' own parser. Control characters are described in words, since they are invisible. */
function checkQuantity(value: string): string | undefined {
  if (/\p{Cc}/u.test(value)) return 'value contains control characters'
  const result = parseQuantity(value)
  return result.ok ? undefined : result.error
}

/** pkg/kube/inject/validate.go, Istio 1.9 to 1.31. */
const validatedAnnotations: ReadonlyMap<string, AnnotationRow> = new Map<string, AnnotationRow>([
  ['sidecar.istio.io/interceptionMode', { check: checkInterceptionMode }],
  ['sidecar.istio.io/enableCoreDump', { check: checkBool, gate: 'coreDumpAnnotationValidated' }],
  ['status.sidecar.istio.io/port', { check: checkPort }],
  ['readiness.status.sidecar.istio.io/initialDelaySeconds', { check: checkUint32 }],
  ['readiness.status.sidecar.istio.io/periodSeconds', { check: checkUint32 }],
  ['readiness.status.sidecar.istio.io/failureThreshold', { check: checkUint32 }],
  ['traffic.sidecar.istio.io/includeOutboundIPRanges', { check: checkIncludeRanges }],
  ['traffic.sidecar.istio.io/excludeOutboundIPRanges', { check: checkExcludeRanges }],
  ['traffic.sidecar.istio.io/includeInboundPorts', { check: checkPortListOrAll }],
  ['traffic.sidecar.istio.io/excludeInboundPorts', { check: checkPortList }],
  ['traffic.sidecar.istio.io/excludeOutboundPorts', { check: checkPortList }],
  ['traffic.sidecar.istio.io/excludeInterfaces', { check: checkInterfaces, gate: 'interfaceListsValidated' }],
  [
    'traffic.sidecar.istio.io/kubevirtInterfaces',
    { check: checkInterfaces, gate: 'interfaceListsValidated' },
  ],
  ['istio.io/reroute-virtual-interfaces', { check: checkInterfaces, gate: 'interfaceListsValidated' }],
  ['prometheus.istio.io/merge-metrics', { check: checkBool }],
  ['proxy.istio.io/config', { check: checkProxyConfig }],
  ['sidecar.istio.io/proxyCPU', { check: checkQuantity, gate: 'quantitiesValidated' }],
  ['sidecar.istio.io/proxyCPULimit', { check: checkQuantity, gate: 'quantitiesValidated' }],
  ['sidecar.istio.io/proxyMemory', { check: checkQuantity, gate: 'quantitiesValidated' }],
  ['sidecar.istio.io/proxyMemoryLimit', { check: checkQuantity, gate: 'quantitiesValidated' }],
])

export interface AnnotationFailure {
  readonly annotation: string
  readonly value: string
  readonly cause: string
}

/** What is wrong with a pod's annotations, in the pod's order; empty if they are valid. */
export function validateAnnotations(
  annotations: JsonObject | undefined,
  options: AnnotationCheckOptions,
): readonly AnnotationFailure[] {
  if (annotations === undefined) return []
  const failures: AnnotationFailure[] = []
  for (const annotation of Object.keys(annotations)) {
    const row = validatedAnnotations.get(annotation)
    if (row === undefined || (row.gate !== undefined && !options.gates[row.gate])) continue
    const value = own(annotations, annotation)
    if (typeof value !== 'string') continue
    const cause = row.check(value, options)
    if (cause !== undefined) failures.push({ annotation, value, cause })
  }
  return failures
}

/** Annotations whose values may contain access tokens, environment and other secrets anywhere. */
const SECRET_VALUES = new Set(['proxy.istio.io/config'])

/** One message for all of them, shown to the client. */
export function describeAnnotationFailures(failures: readonly AnnotationFailure[]): string {
  const lines = failures.map(({ annotation, value, cause }) => {
    const shown = SECRET_VALUES.has(annotation) ? '(not shown)' : `'${shortText(value)}'`
    return `invalid value ${shown} for annotation '${annotation}': ${cause}`
  })
  return failures.length === 1
    ? lines.join('')
    : `${failures.length} annotations are invalid: ${lines.join('; ')}`
}
