/**
 * Owns: that Fastify compiles no schemas: no route of ours has one. Given compilers of our own it never loads the ones it
 * brings (ajv and a serialiser's compiler), which took a thirtieth of the time from start to ready.
 */
import type { FastifyServerOptions } from 'fastify'

type Controller = NonNullable<FastifyServerOptions['schemaController']>

function refuse(): never {
  throw new Error('this route has a schema, and Remora compiles none')
}

/** For each Fastify that is made. */
export const NO_SCHEMAS: Controller = {
  compilersFactory: { buildValidator: () => refuse, buildSerializer: () => refuse },
}
