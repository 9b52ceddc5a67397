/** Istio's inputs, parsed and checked: the interface for other packages. */
export { type AnnotationEffect, annotationEffects } from './annotation-effects.ts'
export type { AnnotationCheckOptions } from './annotation-proxy-config.ts'
export { parseGoBool, parseGoInt, trimGoSpace } from './annotation-values.ts'
export * from './annotations.ts'
export { cleanProxyConfig } from './clean-proxy-config.ts'
export { type FoundConfigMap, revisionOfConfigMap } from './cluster-objects.ts'
export * from './container-names.ts'
export { controlPlaneEnvironment, type EnvOption } from './control-plane-env.ts'
export * from './detect-version.ts'
export * from './discover.ts'
export { durationNanos, durationOf, formatDuration, formatNanos, parseDuration } from './duration.ts'
export * from './effective-proxy-config.ts'
export { type IstioInputCode, IstioInputError } from './errors.ts'
export { type FieldRemark, remarkFields } from './field-remarks.ts'
export * from './gates.ts'
export { describeIgnored, fixOfIgnored, type IgnoredDefinition } from './ignored-definitions.ts'
export { type InjectorConfig, injectorConfigKeys, parseInjectorConfig } from './injector-config.ts'
export * from './injector-values.ts'
export * from './known-names.ts'
export { parseMeshConfig } from './mesh-config.ts'
export { defaultMeshConfig, defaultProxyConfig } from './mesh-defaults.ts'
export { looksLikeIstio, nearestName } from './near-names.ts'
export { protoToJson } from './proto-encode.ts'
export * from './proto-message.ts'
export {
  enumDescriptor,
  type FieldRow,
  meshConfigMessage,
  ProtoSchema,
  protoSchemaFor,
  proxyConfigMessage,
  valuesMessage,
} from './proto-schema.ts'
export { applyProxyConfig, mergeProxyConfigText, type ProxyConfigOptions } from './proxy-config.ts'
export * from './proxy-config-resource.ts'
export { defaultTrust, TrustedNamespaces, type TrustOptions } from './trusted-namespaces.ts'
export * from './version.ts'
export { readWebhookConfigurations, type WebhookConfiguration } from './webhook-configurations.ts'
