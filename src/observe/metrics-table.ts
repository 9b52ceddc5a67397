/**
 * All metrics: name, type, labels, help. metrics.ts computes their values. Tests compare this table with docs/metrics.md and
 * with the chart's alerts and dashboard.
 *
 * Every label has a closed set of values: installed revisions, rollouts, results and codes of the table of codes, kinds
 * of objects, causes of ended connections. No text of a request ever becomes a label.
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
  sidecar_injection_requests_total: counter('Requests answered, with any result.'),
  sidecar_injection_success_total: counter('Pods that were injected.'),
  sidecar_injection_failure_total: counter('Requests that were refused, ended in a fault or were malformed.'),
  sidecar_injection_skip_total: counter('Pods that were admitted unchanged.'),
  sidecar_injection_time_seconds: {
    type: 'histogram',
    help: 'Time from a completely received review to its response, if it reached the injector.',
    labels: [],
  },
  remora_admissions_total: counter(
    'Requests by revision, result and reason code.',
    'revision',
    'result',
    'code',
  ),
  remora_rollout_percent: gauge(
    'Share of the workloads that the rollout moves, as this replica applies it.',
    'rollout',
  ),
  remora_rollout_target_serving: gauge('1 if the target of the rollout can serve.', 'rollout'),
  remora_rollout_pods_total: counter('Pods to which a rollout applies, by result.', 'rollout', 'result'),
  remora_in_flight_requests: gauge('Requests that are not answered yet.'),
  remora_in_flight_bytes: gauge('Bytes of request bodies and responses in memory.'),
  remora_open_connections: gauge('Connections to the webhook port, including those in the TLS handshake.'),
  remora_connections_unanswered_total: counter(
    'Connections that ended before a request was answered, or without a request.',
    'cause',
  ),
  remora_tls_handshake_failures_total: counter('TLS handshakes that failed.', 'cause'),
  remora_overload_refused_total: counter(
    'Requests answered with 429 and connections closed because of a limit.',
  ),
  remora_answer_cache_hits_total: counter('Reviews answered from the answer cache.'),
  remora_answer_cache_misses_total: counter('Reviews that were not in the answer cache.'),
  remora_cache_bytes: gauge('Approximate memory of the cache.', 'cache'),
  remora_cache_limit_bytes: gauge('Limit of the memory of the cache.', 'cache'),
  remora_cache_evictions_total: counter('Entries evicted to make space for others.', 'cache'),
  remora_template_cache_hits_total: counter(
    'Template executions whose output came from a specialised template.',
    'revision',
  ),
  remora_template_cache_misses_total: counter(
    'Template executions that rendered the template in full.',
    'revision',
  ),
  remora_state_age_seconds: gauge(
    'Time since this kind of object was last known to be up to date.',
    'resource',
  ),
  remora_problems: gauge('Current problems by code and severity.', 'code', 'severity'),
  remora_findings: gauge(
    'What the rules of remora check find in namespaces and configurations, by code and severity.',
    'code',
    'severity',
  ),
  remora_ignored_definitions: gauge(
    'Objects that look like revisions or tags but are not in a namespace of a control plane.',
    'defines',
  ),
  remora_revision_usable: gauge(
    '1 if the revision has a usable configuration, which may be its last good one.',
    'revision',
  ),
  remora_revision_current: gauge('1 if the newest configuration serves.', 'revision'),
  remora_revision_kept: gauge('1 if the configuration in use comes from a Secret.', 'revision'),
  remora_revision_last_good_timestamp_seconds: gauge(
    'When this replica started to use its current configuration.',
    'revision',
  ),
  remora_certificate_expiry_timestamp_seconds: gauge('When the serving certificate expires.'),
  remora_certificate_renewal_overdue_timestamp_seconds: gauge(
    'When the renewal of the serving certificate becomes overdue.',
  ),
  remora_ca_bundle_good: gauge('1 if every caBundle contains the CA and has contained it for a minute.'),
  remora_ca_bundle_writes_total: counter('Writes of a caBundle to a webhook configuration.'),
  remora_capture_reviews_total: counter('Reviews written to the capture folder.'),
  remora_capture_dropped_total: counter('Reviews that should have been recorded but were not.'),
  remora_event_loop_lag_seconds: gauge(
    'Longest time for which the event loop was blocked in the last half minute or longer.',
  ),
  remora_build_info: gauge('Always 1; the labels have the versions of Remora and Node.', 'version', 'node'),
  process_cpu_user_seconds_total: counter('CPU time in user mode.'),
  process_cpu_system_seconds_total: counter('CPU time in system mode.'),
  process_start_time_seconds: gauge('When the process started.'),
  process_resident_memory_bytes: gauge('Resident memory.'),
  nodejs_heap_size_total_bytes: gauge('Reserved heap.'),
  nodejs_heap_size_used_bytes: gauge('Used heap.'),
  nodejs_external_memory_bytes: gauge('Memory outside the heap that objects hold, mainly buffers.'),
} as const satisfies { readonly [name: string]: MetricRow }

export type MetricName = keyof typeof METRIC_ROWS

/**
 * Upper bounds in seconds: an injection takes about 100 microseconds, waiting for a new namespace several seconds.
 */
export const INJECTION_TIME_BUCKETS: readonly number[] = [
  0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10,
]
