export { ADMIN_OPTIONS, type AdminOptions, STATUS_OPTIONS, type StatusOptions } from './admin-options.ts'
export type { CaptureFilterOptions } from './capture-options.ts'
export { type CommandDescription, commandHelp, overviewHelp } from './help.ts'
export { injectOptionsOf } from './inject-options.ts'
export { type LastGoodPlan, planLastGood } from './last-good-options.ts'
export { environmentName, type Option, type OptionTable, type Values } from './option.ts'
export { OptionError } from './option-error.ts'
export { type SplitArguments, splitArguments } from './positional.ts'
export { PREVIEW_OPTIONS, type PreviewOptions } from './preview-options.ts'
export { describeOptions, missingOption, readOptions, type Sources } from './read.ts'
export { ROLLOUT_OPTIONS, type RolloutOptions } from './rollout-options.ts'
export {
  CHECK_OPTIONS,
  type CheckOptions,
  type ClusterOptions,
  COMPLETE_OPTIONS,
  COMPLETION_OPTIONS,
  DIFF_OPTIONS,
  type DiffOptions,
  EXPLAIN_OPTIONS,
  type ExplainOptions,
  INJECT_OPTIONS,
  type InjectOptions,
  type LogLevel,
  REPLAY_OPTIONS,
  type ReplayOptions,
  SERVE_OPTIONS,
  type ServeOptions,
  VERSION_OPTIONS,
  type VersionOptions,
} from './schema.ts'
export { planTls, type TlsPlan } from './tls-options.ts'
export type { ObjectName, RevisionEnv, RevisionVersion } from './units.ts'
export { USED_BY_OPTIONS, type UsedByOptions } from './used-by-options.ts'
