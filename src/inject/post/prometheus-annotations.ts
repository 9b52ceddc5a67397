/**
 * The annotations by which Prometheus finds metrics. Prometheus itself sees only sanitised names, so
 * `prometheus.io/port`, `prometheus.io.port` and `prometheus-io/port` are equal to it. They are merged in
 * prometheus-merge.ts.
 */
import type { Gates } from '../../istio/index.ts'
import type { PodDraft } from './pod-draft.ts'

export type PrometheusName = 'scrape' | 'port' | 'path' | 'scrape-targets' | 'secure-port'

const sanitised: ReadonlyMap<string, PrometheusName> = new Map([
  ['prometheus_io_scrape', 'scrape'],
  ['prometheus_io_port', 'port'],
  ['prometheus_io_path', 'path'],
  // Istio 1.31+
  ['prometheus_istio_io_scrape_targets', 'scrape-targets'],
  ['prometheus_istio_io_secure_port', 'secure-port'],
] as const)
const exact: ReadonlyMap<string, PrometheusName> = new Map([
  ['prometheus.io/scrape', 'scrape'],
  ['prometheus.io/port', 'port'],
  ['prometheus.io/path', 'path'],
] as const)

/** The Prometheus annotation that a name denotes in that version of Istio. */
function prometheusName(annotation: string, gates: Gates): PrometheusName | undefined {
  // Istio 1.9 to 1.12 knew only the exact names.
  if (!gates.prometheusNamesSanitised) return exact.get(annotation)
  // Excludes nearly all annotations without a regular expression.
  if (!annotation.startsWith('prometheus')) return undefined
  const name = sanitised.get(annotation.replace(/[^a-zA-Z0-9_]/gu, '_'))
  return !gates.scrapeTargets && (name === 'scrape-targets' || name === 'secure-port') ? undefined : name
}

/** The pod's Prometheus annotations, in the order of the pod. */
export function prometheusAnnotations(
  pod: PodDraft,
  gates: Gates,
): readonly { readonly key: string; readonly name: PrometheusName; readonly value: string }[] {
  return pod.annotations().flatMap(([key, value]) => {
    const name = prometheusName(key, gates)
    return name === undefined ? [] : [{ key, name, value }]
  })
}

/** Removes every spelling of the annotations that merging replaces, except a secure port. */
export function clearPrometheusAnnotations(pod: PodDraft, gates: Gates): void {
  for (const { key, name } of prometheusAnnotations(pod, gates)) {
    if (name !== 'secure-port') pod.removeAnnotation(key)
  }
}
