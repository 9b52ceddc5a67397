/** The packages of ARCHITECTURE.md from the top down, for tests and checks. */
export const PURE_PACKAGES = [
  'errors.ts',
  'nearest-name.ts',
  'visible-text.ts',
  'steps.ts',
  'cache',
  'json',
  'gotemplate',
  'merge',
  'jsonpatch',
  'kube',
  'istio',
  'rollout',
  'inject',
  'revisions',
  'dataplane',
  'analysis',
  'admission',
] as const

export const PACKAGES = [
  ...PURE_PACKAGES,
  'config',
  'observe',
  'certs',
  'cluster',
  'admin',
  'capture',
  'server',
  'runtime.ts',
  'cli',
  'main.ts',
] as const
