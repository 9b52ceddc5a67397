/** Analysis: what `remora check`, `explain` and `preview` find out by means of the core. What other packages may use. */
export * from './check/index.ts'
export * from './explain/index.ts'
export * from './preview/index.ts'
