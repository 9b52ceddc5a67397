/** The rooms of ARCHITECTURE.md from the top down, for the tests and checks that hold them. */
export const PURE_ROOMS = [
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
  'inject',
  'revisions',
  'analysis',
  'admission',
] as const

export const ROOMS = [
  ...PURE_ROOMS,
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
