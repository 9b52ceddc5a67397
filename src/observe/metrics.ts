/**
 * Renders the metrics with prom-client, from counts that are kept here and values that are read from other packages
 * on a scrape. metrics-table.ts lists the metrics.
 */
import type { Counter, Gauge, Metric, Registry } from 'prom-client'
import { type Admission, AdmissionCounts } from './admission-counts.ts'
import { watchEventLoopLag } from './event-loop-lag.ts'
import { INJECTION_TIME_BUCKETS, METRIC_ROWS, type MetricName } from './metrics-table.ts'
import { TimeBuckets } from './time-buckets.ts'

/** Read on a scrape; none of these may throw. */
export interface MetricSources {
  /** Remora's own version. */
  readonly version: string
  /** Parts of the state, as in `ClusterStatus`. */
  resources(): Iterable<{ readonly resource: string; readonly staleForMs: number }>
  revisions(): Iterable<RevisionState>
  rollouts?(): Iterable<{ readonly name: string; readonly percent: number; readonly serving: boolean }>
  /** Current problems, each with labels from the table of codes. */
  problems(): Iterable<{ readonly code: string; readonly severity: string }>
  /** What rules found in the cluster, with codes that rules declare. */
  findings?(): Iterable<{ readonly code: string; readonly severity: string; readonly count: number }>
  /** Objects that look like revisions and tags but do not count. */
  ignoredDefinitions?(): { readonly revision: number; readonly tag: number }
  /** Milliseconds since 1970; undefined while no certificate is loaded. */
  certificateNotAfterMs(): number | undefined
  /** When its renewal becomes overdue; undefined as above. */
  certificateOverdueAtMs?(): number | undefined
  /** Undefined if no caBundle is maintained, or none has been read yet. */
  caBundlesGood?(): boolean | undefined
  inFlightRequests(): number
  inFlightBytes?(): number
  /** Undefined while no server listens. */
  connections?(): ConnectionCounts | undefined
  /** Undefined if the answer cache is disabled. */
  answerCache?(): AnswerCacheCounts | undefined
  caches?(): Iterable<CacheUse>
  /** Undefined if captures are disabled. */
  capture?(): { readonly recorded: number; readonly dropped: number } | undefined
}

/** By cause, from a closed set. */
export interface ConnectionCounts {
  readonly open: number
  readonly unanswered: Iterable<readonly [cause: string, count: number]>
  readonly handshakeFailures: Iterable<readonly [cause: string, count: number]>
}

export interface AnswerCacheCounts {
  readonly hits: number
  readonly misses: number
}

/** For one of the caches, without the evictions of configurations that were replaced. */
export interface CacheUse {
  readonly cache: 'answers' | 'injection'
  readonly bytes: number
  readonly maxBytes: number
  readonly evictions: number
}

export interface RevisionState {
  readonly name: string
  /** The current configuration; another object is another configuration. */
  readonly config: object | undefined
  /** Whether it is the newest one. */
  readonly current: boolean
  /** Whether it comes from a Secret. */
  readonly kept?: boolean
  /** The template counts of that configuration. */
  readonly templates?: { readonly hits: number; readonly misses: number } | undefined
}

/** Called for each request. */
export interface AdmissionMetrics {
  countAdmission(admission: Admission): void
  /**
   * For a review that reached the injector, with any result. Reviews that are rejected earlier would hide slow ones.
   */
  observeInjection(seconds: number): void
}

export interface Metrics extends AdmissionMetrics {
  /** A connection was closed for another one because of a limit. */
  countDisplacedConnection(): void
  countCaBundleWrite(): void
  /** Called after each change of the state: configurations that are new in it serve from now on. */
  noteRevisions(): void
  readonly contentType: string
  render(): Promise<string>
  close(): void
}

export function createMetrics(sources: MetricSources): Metrics {
  const counts = new AdmissionCounts()
  const servingSince = new WeakMap<object, number>()
  let displacedConnections = 0
  let caBundleWrites = 0
  const lag = watchEventLoopLag()
  const time = new TimeBuckets(INJECTION_TIME_BUCKETS)
  let registry: Promise<Registry> | undefined

  const noteRevisions = (): void => {
    for (const { config } of sources.revisions()) {
      if (config !== undefined && !servingSince.has(config)) servingSince.set(config, Date.now())
    }
  }

  /** Created on the first scrape, because loading prom-client takes an eighth of the startup time. */
  const build = async (): Promise<Registry> => {
    // A bundled CommonJS module has only a default export.
    const { default: library } = await import('prom-client')
    const registry = new library.Registry()
    const { counter, gauge, histogram } = metricsOf(library, registry)
    const { results } = counts
    counter('sidecar_injection_requests_total', () => results.patched + results.skipped + failures(results))
    counter('sidecar_injection_success_total', () => results.patched)
    counter('sidecar_injection_failure_total', () => failures(results))
    counter('sidecar_injection_skip_total', () => results.skipped)
    histogram('sidecar_injection_time_seconds', time)
    counter('remora_admissions_total', (set) => {
      counts.forgetAllBut(new Set([...sources.revisions()].map(({ name }) => name)))
      for (const { revision, kind, code, count } of counts.cells())
        set(count, { revision, result: kind, code })
    })
    gauge('remora_rollout_percent', (set) => {
      for (const { name, percent } of sources.rollouts?.() ?? []) set(percent, { rollout: name })
    })
    gauge('remora_rollout_target_serving', (set) => {
      for (const { name, serving } of sources.rollouts?.() ?? []) set(serving ? 1 : 0, { rollout: name })
    })
    counter('remora_rollout_pods_total', (set) => {
      counts.forgetAllRolloutsBut(new Set([...(sources.rollouts?.() ?? [])].map(({ name }) => name)))
      for (const { rollout, result, count } of counts.rollouts()) set(count, { rollout, result })
    })
    gauge('remora_in_flight_requests', () => sources.inFlightRequests())
    gauge('remora_in_flight_bytes', () => sources.inFlightBytes?.() ?? 0)
    gauge('remora_open_connections', () => sources.connections?.()?.open ?? 0)
    counter('remora_connections_unanswered_total', (set) => {
      for (const [cause, count] of sources.connections?.()?.unanswered ?? []) set(count, { cause })
    })
    counter('remora_tls_handshake_failures_total', (set) => {
      for (const [cause, count] of sources.connections?.()?.handshakeFailures ?? []) set(count, { cause })
    })
    counter('remora_overload_refused_total', () => counts.overloaded + displacedConnections)

    const cache = (of: keyof AnswerCacheCounts) => () => sources.answerCache?.()?.[of] ?? 0
    counter('remora_answer_cache_hits_total', cache('hits'))
    counter('remora_answer_cache_misses_total', cache('misses'))
    gauge('remora_cache_bytes', (set) => {
      for (const { cache, bytes } of sources.caches?.() ?? []) set(bytes, { cache })
    })
    gauge('remora_cache_limit_bytes', (set) => {
      for (const { cache, maxBytes } of sources.caches?.() ?? []) set(maxBytes, { cache })
    })
    counter('remora_cache_evictions_total', (set) => {
      for (const { cache, evictions } of sources.caches?.() ?? []) set(evictions, { cache })
    })

    for (const result of ['hits', 'misses'] as const) {
      counter(`remora_template_cache_${result}_total`, (set) => {
        for (const { name, templates } of sources.revisions())
          set(templates?.[result] ?? 0, { revision: name })
      })
    }
    gauge('remora_state_age_seconds', (set) => {
      for (const { resource, staleForMs } of sources.resources()) set(staleForMs / 1000, { resource })
    })
    gauge('remora_problems', (set) => {
      const counts = new Map<string, { readonly severity: string; count: number }>()
      for (const { code, severity } of sources.problems()) {
        const known = counts.get(code)
        if (known === undefined) counts.set(code, { severity, count: 1 })
        else known.count++
      }
      for (const [code, { severity, count }] of counts) set(count, { code, severity })
    })
    gauge('remora_findings', (set) => {
      for (const { code, severity, count } of sources.findings?.() ?? []) set(count, { code, severity })
    })
    gauge('remora_ignored_definitions', (set) => {
      const ignored = sources.ignoredDefinitions?.() ?? { revision: 0, tag: 0 }
      for (const defines of ['revision', 'tag'] as const) set(ignored[defines], { defines })
    })
    gauge('remora_revision_usable', (set) => {
      for (const { name, config } of sources.revisions())
        set(config === undefined ? 0 : 1, { revision: name })
    })
    gauge('remora_revision_current', (set) => {
      for (const { name, current } of sources.revisions()) set(current ? 1 : 0, { revision: name })
    })
    gauge('remora_revision_kept', (set) => {
      for (const { name, kept } of sources.revisions()) set(kept === true ? 1 : 0, { revision: name })
    })
    gauge('remora_revision_last_good_timestamp_seconds', (set) => {
      noteRevisions()
      for (const { name, config } of sources.revisions()) {
        const since = config === undefined ? undefined : servingSince.get(config)
        if (since !== undefined) set(since / 1000, { revision: name })
      }
    })
    gauge('remora_certificate_expiry_timestamp_seconds', (set) => {
      const notAfter = sources.certificateNotAfterMs()
      if (notAfter !== undefined) set(notAfter / 1000)
    })
    gauge('remora_certificate_renewal_overdue_timestamp_seconds', (set) => {
      const overdueAtMs = sources.certificateOverdueAtMs?.()
      if (overdueAtMs !== undefined) set(overdueAtMs / 1000)
    })
    gauge('remora_ca_bundle_good', (set) => {
      const good = sources.caBundlesGood?.()
      if (good !== undefined) set(good ? 1 : 0)
    })
    counter('remora_ca_bundle_writes_total', () => caBundleWrites)
    counter('remora_capture_reviews_total', () => sources.capture?.()?.recorded ?? 0)
    counter('remora_capture_dropped_total', () => sources.capture?.()?.dropped ?? 0)

    gauge('remora_event_loop_lag_seconds', () => lag.seconds())
    gauge('remora_build_info', (set) => set(1, { version: sources.version, node: process.versions.node }))
    counter('process_cpu_user_seconds_total', () => process.cpuUsage().user / 1e6)
    counter('process_cpu_system_seconds_total', () => process.cpuUsage().system / 1e6)
    gauge('process_start_time_seconds', () => performance.timeOrigin / 1000)
    gauge('process_resident_memory_bytes', () => process.memoryUsage.rss())
    gauge('nodejs_heap_size_total_bytes', () => process.memoryUsage().heapTotal)
    gauge('nodejs_heap_size_used_bytes', () => process.memoryUsage().heapUsed)
    gauge('nodejs_external_memory_bytes', () => process.memoryUsage().external)
    return registry
  }

  return {
    countAdmission: (admission) => counts.count(admission),
    observeInjection: (seconds) => time.observe(seconds),
    countDisplacedConnection: () => void displacedConnections++,
    countCaBundleWrite: () => void caBundleWrites++,
    noteRevisions,
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    async render() {
      registry ??= build()
      return (await registry).metrics()
    },
    close: () => lag.close(),
  }
}

function failures({ refused, fault, malformed }: AdmissionCounts['results']): number {
  return refused + fault + malformed
}

type SetValue = (value: number, labels?: Readonly<Record<string, string>>) => void
/** Returns the value of a metric without labels, or sets one value per series. Series that are not set again disappear. */
type Collect = (() => number) | ((set: SetValue) => void)

function metricsOf(
  library: typeof import('prom-client'),
  registry: Registry,
): {
  counter(name: MetricName, collect: Collect): void
  gauge(name: MetricName, collect: Collect): void
  histogram(name: MetricName, times: TimeBuckets): void
} {
  const configuration = (name: MetricName, collect: () => void) => {
    const { help, labels } = METRIC_ROWS[name]
    return { name, help, labelNames: [...labels], registers: [registry], collect }
  }
  const fill = (collect: Collect, set: SetValue): void => {
    const value = collect(set)
    if (typeof value === 'number') set(value)
  }
  return {
    counter(name, collect) {
      const metric: Counter = new library.Counter(
        configuration(name, () => {
          metric.reset()
          fill(collect, (value, labels) => metric.inc({ ...labels }, value))
        }),
      )
    },
    gauge(name, collect) {
      const metric: Gauge = new library.Gauge(
        configuration(name, () => {
          metric.reset()
          // Without labels this leaves a 0, which is not a valid expiry time.
          if (METRIC_ROWS[name].labels.length === 0) metric.remove({})
          fill(collect, (value, labels) => metric.set({ ...labels }, value))
        }),
      )
    },
    histogram(name, times) {
      const { help, type } = METRIC_ROWS[name]
      // The registry only needs a metric's name and `get`; prom-client's own histogram accepts only single values.
      const metric = { name, help, get: async () => ({ name, help, type, values: times.samples(name) }) }
      registry.registerMetric(metric as unknown as Metric)
    },
  }
}
