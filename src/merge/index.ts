export { MergeError, type MergeErrorCode } from './error.ts'
export { strategicMerge } from './merge.ts'
export * from './schema.ts'
