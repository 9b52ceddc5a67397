/**
 * The registry of findings, and the analyses behind `remora check`, `explain`, `preview`, `rollout` and `used-by`, which use
 * the core: the interface for other packages.
 */
export * from './check/index.ts'
export * from './explain/index.ts'
export * from './findings/index.ts'
export * from './preview/index.ts'
export * from './rollout/index.ts'
export * from './used-by/index.ts'
