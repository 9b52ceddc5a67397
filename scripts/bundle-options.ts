/**
 * How sources become the program that is shipped. The production build uses it, and so do tests that run a part of
 * the program as it is shipped.
 */
import { isBuiltin } from 'node:module'
import { resolve } from 'node:path'
import type { BuildOptions, Plugin } from 'esbuild'

export const ROOT = resolve(import.meta.dirname, '..')

/**
 * Fastify compiles schemas with them, of which Remora has none (`src/server/no-schemas.ts` gives it compilers of its own),
 * and simulates requests for tests. They stay out, and asking for one is an error that names it.
 */
const NEVER_CALLED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request']

/**
 * CommonJS packages expect these; esbuild leaves them to whoever runs the result. An old Node must get as far as being told
 * that it is one (`src/main.ts`), hence the question mark.
 */
const COMMONJS_NAMES = [
  "const require = process.getBuiltinModule?.('module').createRequire(import.meta.url)",
  'const __filename = import.meta.filename, __dirname = import.meta.dirname',
].join('\n')

/**
 * Importing a built-in module as an ES module reads all of its properties, and some of `node:http` load a whole HTTP client
 * (undici): a twentieth of a start. What is asked for as an object is not looked through.
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

/** @param entryPoint below the project */
export function bundleOptions(entryPoint: string, outdir: string) {
  return {
    absWorkingDir: ROOT,
    entryPoints: [entryPoint],
    outdir,
    bundle: true,
    splitting: true,
    // Beside each other, because package.json is found from wherever the code that asks for it has come to lie.
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
