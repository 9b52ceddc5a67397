/**
 * The facts that a specialised template treats as constant, in one table. A row defines the source of a field of the
 * template's data, and both the key of a specialisation and the set of constant fields are derived from the rows, so
 * that they cannot disagree. A field without a row does not compile.
 */
import { encodeKey, type KeyPart } from '../../cache/index.ts'
import type { KeyedRead, ResidualOptions } from '../../gotemplate/index.ts'
import type { JsonObject } from '../../json/index.ts'
import { metadataOf, objectAt } from '../../kube/index.ts'
import type { TemplateFacts, TemplateField } from '../data/template-data.ts'

/** What a row may read: the facts of one request, and the number of its ProxyConfig. */
export interface KeyFacts extends TemplateFacts {
  /** Equal numbers mean the same object; undefined for a ProxyConfig that no other pod gets. */
  readonly proxyConfigNumber: number | undefined
}

type Row =
  /** Equal for all requests of a configuration, and a specialisation belongs to one configuration. */
  | { readonly of: 'configuration' }
  /** Constant for one key, because the key contains everything it is derived from. */
  | { readonly of: 'key'; read(facts: KeyFacts): readonly KeyPart[] }
  /** Read for each pod. */
  | { readonly of: 'pod' }

export const KEY_ROWS: Readonly<Record<TemplateField, Row>> = {
  TypeMeta: { of: 'key', read: ({ deployMeta }) => [deployMeta.kind, deployMeta.apiVersion] },
  DeploymentMeta: { of: 'pod' },
  ObjectMeta: { of: 'pod' },
  Spec: { of: 'pod' },
  ProxyConfig: { of: 'key', read: ({ proxyConfigNumber }) => [proxyConfigNumber] },
  MeshConfig: { of: 'configuration' },
  Values: { of: 'configuration' },
  Revision: { of: 'configuration' },
  NativeSidecars: { of: 'key', read: ({ nativeSidecars }) => [nativeSidecars] },
  ProxyImage: { of: 'key', read: ({ proxyImage }) => [proxyImage] },
  ProxyInitImage: { of: 'key', read: ({ proxyInitImage }) => [proxyInitImage] },
  ProxyUID: { of: 'key', read: ({ proxyIds }) => [proxyIds.uid] },
  ProxyGID: { of: 'key', read: ({ proxyIds }) => [proxyIds.gid] },
  InboundTrafficPolicyMode: { of: 'configuration' },
  CompliancePolicy: { of: 'configuration' },
}

/** Templates read most annotations by name, and most pods have none of them; those that a pod has are in its key. */
export const ANNOTATION_ROW = {
  keyed: [
    { functions: ['index', 'isset'], path: ['ObjectMeta', 'Annotations'] },
    { functions: ['annotation'], path: ['ObjectMeta'] },
  ] satisfies readonly KeyedRead[],
  read(pod: JsonObject, keys: ReadonlySet<string>): readonly KeyPart[] {
    const annotations = objectAt(metadataOf(pod), 'annotations')
    const parts: KeyPart[] = []
    for (const name of Object.keys(annotations))
      if (keys.has(name)) parts.push(name, JSON.stringify(annotations[name]))
    return parts
  },
}

export const residualOptions: ResidualOptions = {
  constantFields: new Set(
    Object.entries(KEY_ROWS).flatMap(([field, row]) => (row.of === 'pod' ? [] : [field])),
  ),
  keyed: ANNOTATION_ROW.keyed,
}

const KEYED_ROWS = Object.values(KEY_ROWS).flatMap((row) => (row.of === 'key' ? [row] : []))

/** Hardly any other pod is like one with longer annotations of these names. */
const MAX_KEY_LENGTH = 4_096

/**
 * Undefined for a pod whose facts no other pod has, or whose key would be long.
 * @param keys the annotations that the template reads by name
 */
export function templateKey(facts: KeyFacts, keys: ReadonlySet<string>): string | undefined {
  if (facts.proxyConfigNumber === undefined) return undefined
  const parts: KeyPart[] = []
  for (const row of KEYED_ROWS) parts.push(...row.read(facts))
  parts.push(...ANNOTATION_ROW.read(facts.pod, keys))
  let length = 0
  for (const part of parts) if (typeof part === 'string') length += part.length
  return length > MAX_KEY_LENGTH ? undefined : encodeKey(parts)
}
