/** Caches that are bounded by bytes and fair between tenants, and unambiguous cache keys. */
export * from './encode-key.ts'
export * from './fair-cache.ts'
export * from './recency-list.ts'
export * from './seen-before.ts'
