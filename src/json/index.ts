export * from './value.ts'
