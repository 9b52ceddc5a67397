export * from './gates.ts'
export * from './proto-message.ts'
export type { ProxyConfigResource } from './proxy-config-resource.ts'
export * from './version.ts'
