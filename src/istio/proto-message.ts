/**
 * The representation of protobuf messages: plain readonly objects keyed by JSON name, with proto zero values absent
 * (but kept for fields with presence: members of a oneof, messages, wrappers). The fields of a message are in the
 * schema table; text is read in proto-decode.ts and written in proto-encode.ts.
 *
 * string, bool, 32-bit integers, floats and enums (by number) are JavaScript scalars, 64-bit integers bigint. Durations
 * and wrappers are ordinary messages: `{ seconds: 45n }`, `{ value: true }`; an empty object is zero. Maps are Maps,
 * because users choose their keys.
 */
export type ProtoScalar = string | number | bigint | boolean
export type ProtoValue = ProtoScalar | ProtoMessage | readonly ProtoValue[] | ReadonlyMap<string, ProtoValue>

export interface ProtoMessage {
  readonly [jsonName: string]: ProtoValue | undefined
}

/** google.protobuf.Duration. */
export interface ProtoDuration extends ProtoMessage {
  readonly seconds?: bigint
  readonly nanos?: number
}

export interface BoolWrapper extends ProtoMessage {
  readonly value?: boolean
}

export interface Int32Wrapper extends ProtoMessage {
  readonly value?: number
}

/** istio.networking.v1beta1.ProxyImage. */
export interface ProxyImage extends ProtoMessage {
  readonly imageType?: string
}

/** istio.mesh.v1alpha1.ProxyConfig: the fields that Remora reads; all others are present under their JSON names. */
export interface ProxyConfig extends ProtoMessage {
  readonly configPath?: string
  readonly binaryPath?: string
  readonly serviceCluster?: string
  readonly discoveryAddress?: string
  readonly proxyAdminPort?: number
  readonly statNameLength?: number
  readonly statusPort?: number
  readonly concurrency?: Int32Wrapper
  /** 0 REDIRECT (then absent), 1 TPROXY, 2 NONE. */
  readonly interceptionMode?: number
  readonly proxyMetadata?: ReadonlyMap<string, string>
  readonly proxyHeaders?: ProtoMessage
  readonly holdApplicationUntilProxyStarts?: BoolWrapper
  readonly image?: ProxyImage
}

/** istio.mesh.v1alpha1.MeshConfig, in the same form. */
export interface MeshConfig extends ProtoMessage {
  readonly rootNamespace?: string
  readonly trustDomain?: string
  readonly defaultConfig?: ProxyConfig
  readonly enablePrometheusMerge?: BoolWrapper
  readonly inboundTrafficPolicy?: ProtoMessage
  readonly extensionProviders?: readonly ProtoMessage[]
}
