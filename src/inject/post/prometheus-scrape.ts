/**
 * What the application's Prometheus annotations configure, validated and as the text that pilot-agent reads
 * (environment ISTIO_PROMETHEUS_ANNOTATIONS). The annotations are replaced in prometheus-merge.ts.
 */
import { parseGoInt, trimGoSpace } from '../../istio/index.ts'
import { encodeGoJson } from '../../json/index.ts'
import { quoteText } from '../../visible-text.ts'
import type { PostContext, PostRefusal } from './context.ts'
import type { PodDraft } from './pod-draft.ts'
import { prometheusAnnotations } from './prometheus-annotations.ts'

interface ScrapeTarget {
  readonly port: string
  readonly path: string
}

export interface ScrapeConfiguration {
  readonly scrape: string
  readonly path: string
  readonly port: string
  /** Istio 1.31+. */
  readonly targets: readonly ScrapeTarget[]
}

/** Ports of the data plane; Istio 1.31+ refuses to scrape them. */
const reservedPorts: ReadonlyMap<number, string> = new Map([
  [15000, 'Envoy admin'],
  [15001, 'outbound traffic capture'],
  [15004, 'pilot debug'],
  [15006, 'inbound traffic capture'],
  [15008, 'HBONE tunnel'],
  [15020, 'pilot-agent status and merged Prometheus metrics'],
  [15021, 'Envoy health'],
  [15053, 'DNS proxy'],
  [15090, 'Envoy Prometheus, merged already'],
])

/** Reads the annotations; of several spellings of a name the last counts. */
export function readScrapeConfiguration(pod: PodDraft, context: PostContext): ScrapeConfiguration {
  const found = { scrape: '', path: '', port: '' }
  let targets: readonly ScrapeTarget[] = []
  for (const { key, name, value } of prometheusAnnotations(pod, context.gates)) {
    if (name === 'scrape-targets') {
      const read = readTargets(value)
      if (read !== undefined) targets = read
      else {
        const message = `annotation ${key}: a target of ${quoteText(value)} has no port; expected port:path, separated by commas`
        context.notes.push({ code: 'scrape-targets-ignored', message })
      }
    } else if (name !== 'secure-port') {
      found[name] = value
    }
  }
  const first = targets[0]
  // An agent of an older version does not know targets and scrapes the first one.
  return first === undefined
    ? { ...found, targets }
    : { ...found, port: first.port, path: first.path, targets }
}

/** undefined if a target has no port. */
function readTargets(text: string): readonly ScrapeTarget[] | undefined {
  const targets: ScrapeTarget[] = []
  for (const entry of text.split(',')) {
    if (trimGoSpace(entry) === '') continue
    const colon = entry.indexOf(':')
    const port = trimGoSpace(colon < 0 ? entry : entry.slice(0, colon))
    const path = colon < 0 ? '' : trimGoSpace(entry.slice(colon + 1))
    if (port === '') return undefined
    targets.push({ port, path: path === '' ? '/metrics' : path })
  }
  return targets
}

/** Istio 1.31+: refuses invalid ports, the agent's own and those of the data plane. */
export function refuseScrapePorts(
  configuration: ScrapeConfiguration,
  agentPort: number,
): PostRefusal | undefined {
  const { targets, port } = configuration
  const what = targets.length > 0 ? 'scrape targets' : 'scrape configuration'
  const ports = targets.length > 0 ? targets.map((target) => target.port) : port === '' ? [] : [port]
  for (const text of ports) {
    const why = whyNotScraped(text, agentPort)
    if (why !== undefined) {
      const message = `invalid prometheus ${what}: port ${quoteText(text)} ${why}`
      return { code: 'prometheus-scrape-invalid', message }
    }
  }
  return undefined
}

function whyNotScraped(text: string, agentPort: number): string | undefined {
  const port = parseGoInt(text)
  if (port === undefined || port < 1 || port > 65535) return 'is an invalid port; expected 1 to 65535'
  if (port === agentPort) return 'conflicts with agent port: it serves the merged metrics itself'
  const owner = reservedPorts.get(port)
  return owner === undefined ? undefined : `is reserved for Istio (${owner}) and cannot be scraped`
}

/** The text for pilot-agent; undefined if nothing is configured. */
export function encodeScrapeConfiguration(configuration: ScrapeConfiguration): string | undefined {
  const { scrape, path, port, targets } = configuration
  if (scrape === '' && path === '' && port === '' && targets.length === 0) return undefined
  const fields = { scrape, path, port }
  return encodeGoJson(
    targets.length === 0
      ? fields
      : { ...fields, targets: targets.map((t) => ({ port: t.port, path: t.path })) },
    { sortKeys: false },
  )
}
