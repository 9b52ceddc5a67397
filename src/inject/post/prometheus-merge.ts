/**
 * Metrics merging: the application's Prometheus annotations move into the proxy's environment, and new annotations
 * direct Prometheus to pilot-agent, which serves the metrics of both.
 */
import { parseGoBool } from '../../istio/index.ts'
import { envEntry, findProxy } from './cluster-info.ts'
import type { PostContext, PostRefusal } from './context.ts'
import type { PodDraft } from './pod-draft.ts'
import { clearPrometheusAnnotations, prometheusAnnotations } from './prometheus-annotations.ts'
import { encodeScrapeConfiguration, readScrapeConfiguration, refuseScrapePorts } from './prometheus-scrape.ts'

const SCRAPING_ENV = 'ISTIO_PROMETHEUS_ANNOTATIONS'
const MERGE_ANNOTATION = 'prometheus.istio.io/merge-metrics'

export function applyPrometheusMerge(pod: PodDraft, context: PostContext): PostRefusal | undefined {
  if (!wantsScraping(pod, context) || !mergeEnabled(pod, context)) return undefined
  const agentPort = context.mesh.defaultConfig?.statusPort ?? 0
  const own = prometheusAnnotations(pod, context.gates).find(({ name }) => name === 'port')
  // The agent's port is set already: by the user, or by an earlier injection.
  if (own?.value === String(agentPort)) return undefined

  const scrape = readScrapeConfiguration(pod, context)
  if (context.gates.scrapeTargets) {
    const refusal = refuseScrapePorts(scrape, agentPort)
    if (refusal !== undefined) return refusal
  }
  const text = encodeScrapeConfiguration(scrape)
  const proxy = findProxy(pod, context.gates)
  if (proxy !== undefined && text !== undefined) {
    pod.editList(pod.editContainer(proxy), 'env').push(envEntry(SCRAPING_ENV, text))
  }
  // Any remaining spelling would count for Prometheus like ours.
  clearPrometheusAnnotations(pod, context.gates)
  pod.setAnnotation('prometheus.io/port', String(agentPort))
  pod.setAnnotation('prometheus.io/path', '/stats/prometheus')
  pod.setAnnotation('prometheus.io/scrape', 'true')
  return undefined
}

/** Istio 1.13+: an annotation with a false value, in any spelling of the name, opts out. */
function wantsScraping(pod: PodDraft, context: PostContext): boolean {
  if (!context.gates.prometheusScrapeFalseOptsOut) return true
  for (const { name, value } of prometheusAnnotations(pod, context.gates)) {
    const wanted = name === 'scrape' ? parseGoBool(value) : undefined
    if (wanted !== undefined) return wanted
  }
  return true
}

function mergeEnabled(pod: PodDraft, context: PostContext): boolean {
  const annotation = pod.annotation(MERGE_ANNOTATION)
  const byPod = annotation === undefined ? undefined : parseGoBool(annotation)
  if (byPod !== undefined) return byPod
  const byMesh = context.mesh.enablePrometheusMerge
  return byMesh === undefined ? true : (byMesh.value ?? false)
}
