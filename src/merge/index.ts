export { isSettled } from './directives.ts'
export { MergeError, type MergeErrorCode } from './error.ts'
export { type MergeOptions, strategicMerge } from './merge.ts'
export * from './schema.ts'
