/** The form of the generated table of Istio's protobuf messages. What is made of it is in proto-schema.ts. */
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
  /** Proto name where it differs. */
  readonly proto?: string
  readonly go: string
  readonly number: number
  readonly kind: ScalarKind | 'enum' | 'message'
  readonly shape?: 'list' | 'map'
  /** Of a message or enum; `opaque` for Kubernetes' own messages, which are not looked into. */
  readonly type?: string
  /** Go name of the oneof that it belongs to, and the Go type that holds it there. */
  readonly oneof?: string
  readonly wrapper?: string
  /** Kept also when zero. */
  readonly presence?: true
  /** First minor of 1.x that has it; left out: the oldest known. */
  readonly since?: number
  /** First minor that does not have it any more. */
  readonly until?: number
}

export interface MessageRow {
  /** As Go prints the type: `v1alpha1.ProxyConfig`. */
  readonly goType: string
  /** In declaration order. */
  readonly fields: readonly FieldRow[]
}

export interface EnumRow {
  readonly goType: string
  readonly names: readonly (readonly [number, string])[]
}
