/**
 * Owns: which metrics there are: name, type, labels, help. docs/metrics.md has a row for each, and a test holds the two
 * together, as it does the chart's alerts and dashboard. Not here: where the figures come from (metrics.ts).
 *
 * Every label has a closed set of values: revisions that are installed, results and codes of the table of codes, kinds
 * of objects, causes for which connections end. No text of a request ever becomes one.
 */

export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

const counter = (help: string, ...labels: string[]): MetricRow => ({ type: 'counter', help, labels })
const gauge = (help: string, ...labels: string[]): MetricRow => ({ type: 'gauge', help, labels })

/** By name. The first five have Istio's names (pkg/kube/inject/monitoring.go, 1.7 and later). */
export const METRIC_ROWS = {
  sidecar_injection_requests_total: counter('Requests to inject, answered in whatever way.'),
  sidecar_injection_success_total: counter('Pods that were injected.'),
  sidecar_injection_failure_total: counter('Requests refused, faulted or malformed.'),
  sidecar_injection_skip_total: counter('Pods that were let through as they were.'),
  sidecar_injection_time_seconds: {
    type: 'histogram',
    help: 'From a review received whole to its answer, where the injector decided.',
    labels: [],
  },
  remora_admissions_total: counter(
    'Requests by revision, result and reason code.',
    'revision',
    'result',
    'code',
  ),
  remora_in_flight_requests: gauge('Requests begun and not yet answered.'),
  remora_in_flight_bytes: gauge('Bytes of bodies and answers that are held.'),
  remora_open_connections: gauge('Connections to the webhook port, handshakes included.'),
  remora_connections_unanswered_total: counter(
    'Connections that ended before a request, or the first one, was answered.',
    'cause',
  ),
  remora_tls_handshake_failures_total: counter('TLS handshakes that failed.', 'cause'),
  remora_overload_refused_total: counter(
    'Requests answered 429 and connections closed because a limit was reached.',
  ),
  remora_answer_cache_hits_total: counter('Reviews answered with what an earlier one of the workload got.'),
  remora_answer_cache_misses_total: counter('Reviews that were looked up and not found.'),
  remora_cache_bytes: gauge('Memory that the cache takes, about.', 'cache'),
  remora_cache_limit_bytes: gauge('Memory that the cache may take.', 'cache'),
  remora_cache_evictions_total: counter('Entries dropped to make space for others.', 'cache'),
  remora_template_remembered_total: counter(
    'Templates whose output for a pod a specialised form gave.',
    'revision',
  ),
  remora_template_executed_total: counter('Templates executed as a whole for a pod.', 'revision'),
  remora_state_age_seconds: gauge(
    'Since the source of this part of the state was last heard of.',
    'resource',
  ),
  remora_problems: gauge('What is wrong now, by code and severity.', 'code', 'severity'),
  remora_ignored_definitions: gauge(
    'Objects that look like revisions or tags and do not count, being in no namespace of a control plane.',
    'defines',
  ),
  remora_revision_usable: gauge('1 where the revision serves, be it by its last good state.', 'revision'),
  remora_revision_current: gauge('1 where the newest configuration is the one that serves.', 'revision'),
  remora_revision_kept: gauge(
    '1 where the configuration that serves was kept in a Secret by an earlier replica.',
    'revision',
  ),
  remora_revision_last_good_timestamp_seconds: gauge(
    'When the configuration that serves was taken into use.',
    'revision',
  ),
  remora_certificate_expiry_timestamp_seconds: gauge('When the serving certificate ends.'),
  remora_certificate_renewal_overdue_timestamp_seconds: gauge(
    'From when on the serving certificate should have been renewed.',
  ),
  remora_ca_bundle_good: gauge('1 where every caBundle holds the CA and has held it for a minute.'),
  remora_ca_bundle_writes_total: counter('Times that a caBundle was written to a webhook configuration.'),
  remora_capture_reviews_total: counter('Reviews written to the capture folder.'),
  remora_capture_dropped_total: counter('Reviews that were to be recorded and were not.'),
  remora_event_loop_lag_seconds: gauge(
    'Longest hold-up of the event loop in the last half minute or longer.',
  ),
  remora_build_info: gauge('Always 1; the labels say what runs.', 'version', 'node'),
  process_cpu_user_seconds_total: counter('CPU time in user mode.'),
  process_cpu_system_seconds_total: counter('CPU time in system mode.'),
  process_start_time_seconds: gauge('When the process began.'),
  process_resident_memory_bytes: gauge('Resident memory.'),
  nodejs_heap_size_total_bytes: gauge('Heap that is reserved.'),
  nodejs_heap_size_used_bytes: gauge('Heap that is in use.'),
  nodejs_external_memory_bytes: gauge('Memory outside of the heap that objects hold, buffers above all.'),
} as const satisfies { readonly [name: string]: MetricRow }

export type MetricName = keyof typeof METRIC_ROWS

/** Upper bounds in seconds: an injection takes about 100 microseconds, waiting for a new namespace some seconds. */
export const INJECTION_TIME_BUCKETS: readonly number[] = [
  0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10,
]
