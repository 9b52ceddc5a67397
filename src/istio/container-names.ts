/** Names of the containers that Istio's templates add. */
export const PROXY_CONTAINER = 'istio-proxy'
export const INIT_CONTAINER = 'istio-init'
export const VALIDATION_CONTAINER = 'istio-validation'
export const CORE_DUMP_CONTAINER = 'enable-core-dump'
