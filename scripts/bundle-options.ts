/**
 * How sources become the released program. The production build uses it, and so do tests that run a part of the
 * program as it is released.
 */
import { isBuiltin } from 'node:module'
import { resolve } from 'node:path'
import type { BuildOptions, Plugin } from 'esbuild'

export const ROOT = resolve(import.meta.dirname, '..')

/**
 * Fastify loads these to compile schemas, which Remora does not have (`src/server/no-schemas.ts` replaces the
 * compilers), and to simulate requests in tests. They are excluded, and importing one is an error that names it.
 */
const NEVER_CALLED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request']

/**
 * CommonJS packages expect these; esbuild does not define them. The question mark lets an old Node get as far as the
 * message that it is too old (`src/main.ts`).
 */
const COMMONJS_NAMES = [
  "const require = process.getBuiltinModule?.('module').createRequire(import.meta.url)",
  'const __filename = import.meta.filename, __dirname = import.meta.dirname',
].join('\n')

/**
 * Importing a built-in module as an ES module reads all of its properties, and some of `node:http` load a whole HTTP
 * client (undici), a twentieth of the startup time. The properties of a default import are not read.
 */
const builtinsAsObjects: Plugin = {
  name: 'built-in modules as objects',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?[a-z_/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) && kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

/** @param entryPoint relative to the project */
export function bundleOptions(entryPoint: string, outdir: string) {
  return {
    absWorkingDir: ROOT,
    entryPoints: [entryPoint],
    outdir,
    bundle: true,
    splitting: true,
    // In one folder, because package.json is found relative to the code that reads it.
    chunkNames: '[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node22.19',
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    external: NEVER_CALLED,
    banner: { js: COMMONJS_NAMES },
    plugins: [builtinsAsObjects],
    metafile: true,
    logLevel: 'warning',
  } as const satisfies BuildOptions
}
