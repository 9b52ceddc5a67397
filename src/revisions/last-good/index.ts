/** Kept configurations: what is stored of the revisions that serve, and when a new replica uses it. */
export * from './heartbeats.ts'
export * from './kept-configuration.ts'
export * from './plan-storage.ts'
export * from './readiness-gate.ts'
