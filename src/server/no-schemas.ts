/**
 * Keeps Fastify from compiling schemas, which no route here has. With these compilers Fastify does not load its own
 * (ajv and a serialiser's compiler), which took a thirtieth of the startup time.
 */
import type { FastifyServerOptions } from 'fastify'

type Controller = NonNullable<FastifyServerOptions['schemaController']>

function refuse(): never {
  throw new Error('this route has a schema, which Remora does not support')
}

/** For each Fastify instance. */
export const NO_SCHEMAS: Controller = {
  compilersFactory: { buildValidator: () => refuse, buildSerializer: () => refuse },
}
