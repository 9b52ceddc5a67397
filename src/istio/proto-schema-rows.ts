/**
 * The types of proto-schema.json, the generated table of Istio's protobuf messages. Fields are in declaration order; `since`
 * and `until` (exclusive) are minors of Istio 1.x.
 */
export type ScalarKind =
  | 'bool'
  | 'string'
  | 'bytes'
  | 'int32'
  | 'sint32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float'
  | 'double'

export interface FieldRow {
  /** JSON name: the key in a message object. */
  readonly json: string
  /** Proto name if it differs. */
  readonly proto?: string
  readonly go: string
  readonly number: number
  readonly kind: ScalarKind | 'enum' | 'message'
  readonly container?: 'list' | 'map'
  /** For a message or enum; `opaque` for Kubernetes' own messages, which are not decoded. */
  readonly type?: string
  /** Go name of the oneof that contains the field, and the Go type of the field in it. */
  readonly oneof?: string
  readonly wrapper?: string
  /** Kept even if zero. */
  readonly presence?: true
  /** First minor of 1.x that has it; absent: the oldest known. */
  readonly since?: number
  /** First minor without it. */
  readonly until?: number
}

export interface MessageRow {
  /** The type as Go prints it: `v1alpha1.ProxyConfig`. */
  readonly goType: string
  /** In declaration order. */
  readonly fields: readonly FieldRow[]
}

export interface EnumRow {
  readonly goType: string
  readonly names: readonly (readonly [number, string])[]
}
