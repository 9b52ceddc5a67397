export { type Admission, NO_REVISION, UNKNOWN_REVISION } from './admission-counts.ts'
export { type ConnectionLog, createConnectionLog, type EndedConnection } from './connection-log.ts'
export { type Decision, logDecision, prepareDecision, type RepeatedDecision } from './decision.ts'
export { createLogger, type Logger, type LoggerOptions } from './logger.ts'
export {
  type AdmissionMetrics,
  createMetrics,
  type MetricSources,
  type Metrics,
  type RevisionState,
} from './metrics.ts'
export { METRIC_ROWS, type MetricName, type MetricRow } from './metrics-table.ts'
export { withSourcePlaces } from './source-places.ts'
