export { type CommandDescription, commandHelp, overviewHelp } from './help.ts'
export { environmentName, type Option, type OptionTable, type Values } from './option.ts'
export { describeOptions, OptionError, readOptions, type Sources } from './read.ts'
export {
  type ClusterOptions,
  INJECT_OPTIONS,
  type InjectOptions,
  type LogLevel,
  SERVE_OPTIONS,
  type ServeOptions,
  VERSION_OPTIONS,
  type VersionOptions,
} from './schema.ts'
export type { RevisionEnv, RevisionVersion } from './units.ts'
