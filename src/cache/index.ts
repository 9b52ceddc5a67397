/** Caches that are bounded by bytes, fair between tenants and keyed without ambiguity: what other packages may use. */
export * from './encode-key.ts'
export * from './fair-cache.ts'
export * from './seen-before.ts'
