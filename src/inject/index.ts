export * from './build-snapshot.ts'
export type * from './outcome.ts'
export type * from './request.ts'
export type * from './snapshot.ts'
