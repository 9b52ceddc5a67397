/**
 * Istio 1.31+: a proxy that serves merged metrics over mutual TLS has it in its environment; this pass adds an
 * annotation, so that Prometheus finds the port. A user's annotation, in any spelling, stays.
 */
import { own } from '../../json/index.ts'
import { envOf, findProxy } from './cluster-info.ts'
import type { PostContext } from './context.ts'
import type { PodDraft } from './pod-draft.ts'
import { prometheusAnnotations } from './prometheus-annotations.ts'

const PORT_ENV = 'ENVOY_SECURE_MERGED_METRICS_PORT'

export function applySecurePrometheusAnnotation(pod: PodDraft, context: PostContext): undefined {
  if (!context.gates.scrapeTargets) return
  if (prometheusAnnotations(pod, context.gates).some(({ name }) => name === 'secure-port')) return
  const proxy = findProxy(pod, context.gates)
  if (proxy === undefined) return
  for (const { variable } of envOf(pod.container(proxy))) {
    const port = own(variable, 'value')
    if (own(variable, 'name') === PORT_ENV && typeof port === 'string' && port !== '' && port !== '0') {
      pod.setAnnotation('prometheus.istio.io/secure-port', port)
      return
    }
  }
}
