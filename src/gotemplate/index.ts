/** Go's text/template, compiled once to closures: what other rooms may use. */
export * from './budget.ts'
export * from './errors.ts'
export * from './functions.ts'
export * from './source.ts'
export * from './template.ts'
export * from './types.ts'
export * from './values.ts'
export * from './wrap.ts'
