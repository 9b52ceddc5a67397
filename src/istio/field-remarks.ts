/**
 * Findings about field names in a message's JSON, which decoding silently ignores as Istio does: names that the release
 * does not know or no longer knows, and fields that Istio's API deprecates. Values are checked by the decoder.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { nearestName } from '../nearest-name.ts'
import { type FieldRow, fieldsOfAnyRelease, type ProtoSchema } from './proto-schema.ts'

export interface FieldRemark {
  readonly kind: 'unknown' | 'removed' | 'deprecated'
  /** From the message's root: field names, and indexes of lists. */
  readonly path: readonly (string | number)[]
  /** For an unknown name: the field that was probably meant, if one is close. */
  readonly meant?: string
  /** For an unknown name: the first minor of 1.x that has it. */
  readonly since?: number
  /** For a removed name: the first minor of 1.x without it. */
  readonly until?: number
  /** For a deprecated name: its replacement. */
  readonly instead?: string
}

/** Messages and JSON names that istio.io/api deprecates, with the replacements it names. */
const deprecated: ReadonlyMap<string, string> = new Map([
  ['mesh.MeshConfig.certificates', 'a certificate provisioner such as cert-manager'],
  ['mesh.MeshConfig.verifyCertificateAtClient', 'nothing: proxies verify certificates by default'],
  ['mesh.MeshConfig.ExtensionProvider.lightstep', 'the provider opentelemetry'],
  ['mesh.MeshConfig.ExtensionProvider.opencensus', 'the provider opentelemetry'],
  [
    'mesh.MeshConfig.ExtensionProvider.EnvoyExternalAuthorizationHttpProvider.includeHeadersInCheck',
    'includeRequestHeadersInCheck',
  ],
  ['mesh.ProxyConfig.discoveryRefreshDelay', 'nothing: it has no effect'],
  ['mesh.ProxyConfig.zipkinAddress', 'tracing.zipkin.address'],
  ['mesh.ProxyConfig.envoyMetricsServiceAddress', 'envoyMetricsService'],
  ['mesh.ProxyConfig.availabilityZone', 'nothing: it has no effect'],
  ['mesh.ProxyConfig.sds', 'nothing: it has no effect'],
])

/** Deeper than any real configuration. */
const MAX_DEPTH = 40

/** In the order of the JSON. Parts that are not messages of the schema have no findings. */
export function remarkFields(schema: ProtoSchema, type: string, json: JsonValue): readonly FieldRemark[] {
  const remarks: FieldRemark[] = []
  visitMessage({ schema, type, path: [] }, json, remarks)
  return remarks
}

interface Position {
  readonly schema: ProtoSchema
  readonly type: string
  readonly path: readonly (string | number)[]
}

function visitMessage({ schema, type, path }: Position, json: JsonValue, remarks: FieldRemark[]): void {
  if (!isObject(json) || path.length > MAX_DEPTH || !hasOwnFields(type)) return
  const { fields } = schema.message(type)
  for (const key of Object.keys(json)) {
    const at = [...path, key]
    const field = fields.find(({ json: name, proto }) => name === key || proto === key)
    if (field === undefined) {
      remarks.push(strange(type, key, fields, at))
      continue
    }
    const instead = deprecated.get(`${type}.${field.json}`)
    if (instead !== undefined) remarks.push({ kind: 'deprecated', path: at, instead })
    if (field.kind === 'message') visitField(schema, field, own(json, key) ?? null, at, remarks)
  }
}

function visitField(
  schema: ProtoSchema,
  { type = '', container }: FieldRow,
  json: JsonValue,
  path: Position['path'],
  remarks: FieldRemark[],
): void {
  if (container === 'list') {
    if (!Array.isArray(json)) return
    for (const [i, item] of json.entries()) visitMessage({ schema, type, path: [...path, i] }, item, remarks)
  } else if (container === 'map') {
    if (!isObject(json)) return
    for (const [key, item] of Object.entries(json as JsonObject))
      visitMessage({ schema, type, path: [...path, key] }, item, remarks)
  } else visitMessage({ schema, type, path }, json, remarks)
}

/** False for Google's own messages, which have special JSON forms, and for `opaque` ones, which are Kubernetes'. */
function hasOwnFields(type: string): boolean {
  return type !== 'opaque' && type !== 'operator.IntOrString' && !type.startsWith('google.')
}

function strange(
  type: string,
  key: string,
  fields: readonly FieldRow[],
  path: Position['path'],
): FieldRemark {
  const others = fieldsOfAnyRelease(type).filter(({ json, proto }) => json === key || proto === key)
  const until = others.find((field) => field.until !== undefined)?.until
  if (until !== undefined) return { kind: 'removed', path, until }
  const since = others.find((field) => field.since !== undefined)?.since
  const meant = nearestName(
    key,
    fields.map(({ json }) => json),
  )
  return {
    kind: 'unknown',
    path,
    ...(since === undefined ? {} : { since }),
    ...(meant === undefined ? {} : { meant }),
  }
}
