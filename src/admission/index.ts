/** The wire format of admission: the interface for other packages. */
export * from './answer.ts'
export * from './answer-key.ts'
export * from './decode-review.ts'
export * from './encode-review.ts'
export * from './inject-path.ts'
export * from './peek-namespace.ts'
export { ETCD_MAX_REQUEST_BYTES } from './stored-size.ts'
