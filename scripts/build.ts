/**
 * `npm run build` after the type check: bundles `src/main.ts` with everything that it needs into `dist/`, or into the
 * named folder. Reading one file instead of a thousand saves most of the startup time, and the image needs no
 * node_modules. Modules that only some commands need (commands, client-node, issuing certificates) are imported
 * dynamically and become separate files. Names stay as in the sources; `.map` files map back to them.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { bundleOptions, ROOT } from './bundle-options.ts'

const folder = resolve(process.argv[2] ?? join(ROOT, 'dist'))
rmSync(folder, { recursive: true, force: true })
const { metafile } = await build(bundleOptions('src/main.ts', folder))
writeFileSync(join(folder, 'LICENSES.txt'), licences(metafile))

/** For every bundled package: name, version, and the text of its licence. */
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
