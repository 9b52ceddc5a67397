/**
 * `npm run build` after the type check: bundles `src/main.ts` with everything that it needs into `dist/`, or into the
 * folder that is named. One file to read instead of a thousand is most of what a start costs, and the image needs no
 * node_modules. What only some runs need (commands, client-node, the issuing of certificates) is imported dynamically and
 * becomes a file of its own. Names stay as they are in the sources; `.map` files lead back to them.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, resolve } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '..')

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

const folder = resolve(process.argv[2] ?? join(ROOT, 'dist'))
rmSync(folder, { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: ['src/main.ts'],
  outdir: folder,
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
})
writeFileSync(join(folder, 'LICENSES.txt'), licences(metafile))

/** Of every package that something was taken from: name, version, and its licence in its own words. */
function licences({ inputs }: Metafile): string {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  )
  const sections = [...packages].sort().map((path) => {
    const manifest: unknown = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'))
    // npm's own format.
    const { name, version, license } = manifest as Readonly<Record<string, unknown>>
    const texts = readdirSync(join(ROOT, path))
      .filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(file))
      .map((file) => readFileSync(join(ROOT, path, file), 'utf8').trim())
    return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n')
  })
  const rule = `\n\n${'-'.repeat(80)}\n\n`
  return `Parts of these packages are in the files beside this one.${rule}${sections.join(rule)}\n`
}
