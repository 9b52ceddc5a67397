/**
 * The schema of Istio's protobuf messages for one Istio release, made from the generated rows, with look-up by JSON
 * name and by proto name. Descriptors refer to each other lazily, because messages are recursive.
 */
import { enumRows, messageRows } from './proto-schema.generated.ts'
import type { FieldRow } from './proto-schema-rows.ts'
import type { IstioVersion } from './version.ts'

export type { FieldRow } from './proto-schema-rows.ts'

export interface EnumDescriptor {
  readonly goType: string
  readonly byNumber: ReadonlyMap<number, string>
  readonly byName: ReadonlyMap<string, number>
}

export interface MessageDescriptor {
  /** `mesh.ProxyConfig`, `google.Duration`. */
  readonly name: string
  readonly goType: string
  /** In declaration order. */
  readonly fields: readonly FieldRow[]
}

/**
 * All fields that a message has in any release, for finding renamed and future ones; none if there is no such message.
 */
export function fieldsOfAnyRelease(name: string): readonly FieldRow[] {
  return (Object.hasOwn(messageRows, name) ? messageRows[name]?.fields : undefined) ?? []
}

/** Names of the root messages that this package decodes. */
export const meshConfigMessage = 'mesh.MeshConfig'
export const proxyConfigMessage = 'mesh.ProxyConfig'
export const proxyConfigResourceMessage = 'networking-v1beta1.ProxyConfig'
export const valuesMessage = 'operator.Values'

/** The messages of one minor release. */
export class ProtoSchema {
  readonly #minor: number
  readonly #messages = new Map<string, MessageDescriptor>()

  constructor(minor: number) {
    this.#minor = minor
  }

  message(name: string): MessageDescriptor {
    const known = this.#messages.get(name)
    if (known !== undefined) return known
    const row = Object.hasOwn(messageRows, name) ? messageRows[name] : undefined
    if (row === undefined) throw new TypeError(`no such message: ${name}`)
    const fields = row.fields.filter(
      (field) => (field.since ?? 0) <= this.#minor && this.#minor < (field.until ?? Number.POSITIVE_INFINITY),
    )
    const descriptor = { name, goType: row.goType, fields }
    this.#messages.set(name, descriptor)
    return descriptor
  }
}

const schemas = new Map<number, ProtoSchema>()
const enums = new Map<string, EnumDescriptor>()

/** The oldest release in the generated table; older ones are decoded with its messages. */
const oldestMinor = 14

/** Cached for the life of the process: there is one per minor release. */
export function protoSchemaFor(version: IstioVersion): ProtoSchema {
  const minor = Math.max(version.minor, oldestMinor)
  let schema = schemas.get(minor)
  if (schema === undefined) {
    schema = new ProtoSchema(minor)
    schemas.set(minor, schema)
  }
  return schema
}

export function enumDescriptor(name: string): EnumDescriptor {
  let found = enums.get(name)
  if (found === undefined) {
    const row = Object.hasOwn(enumRows, name) ? enumRows[name] : undefined
    if (row === undefined) throw new TypeError(`no such enum: ${name}`)
    found = {
      goType: row.goType,
      byNumber: new Map(row.names),
      byName: new Map(row.names.map(([number, text]) => [text, number])),
    }
    enums.set(name, found)
  }
  return found
}
