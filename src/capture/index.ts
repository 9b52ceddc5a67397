/** Captures of reviews: format, redaction, recorder and replay. */

export {
  ADMIN_ACTIONS,
  type AdminAction,
  answerAboutCapture,
  askRecorder,
  captureSocketPath,
} from './admin-requests.ts'
export { connectReviewServer, type ReviewServer } from './ask-server.ts'
export { CaseFolder } from './case-folder.ts'
export { ClusterDescriber, type DescribeOptions } from './describe-cluster.ts'
export { Redactor } from './digest.ts'
export { type CaptureFilter, EVERYTHING } from './filter.ts'
export { captureFilterOf } from './filter-options.ts'
export {
  CaptureError,
  type ClusterLine,
  type ConfigurationLine,
  FORMAT_VERSION,
  type Line,
  type RecordedOutcome,
  type ReviewLine,
  readLine,
} from './format.ts'
export { type NamedPod, nameOfPod, podsOfInputs } from './pods-of-inputs.ts'
export { type Input, readInputs } from './read-inputs.ts'
export { type ReplayCluster, SnapshotRebuilder } from './rebuild-snapshot.ts'
export { describeConfig, recordedRevision } from './record-case.ts'
export { type AnsweredReview, recordReview } from './record-review.ts'
export { Recorder, type RecorderOptions, type RecorderStatus } from './recorder.ts'
export {
  type RecordOptions,
  type ReplayGroup,
  type ReplayOptions,
  type ReplayReport,
  replay,
} from './replay.ts'
