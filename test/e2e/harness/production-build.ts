/** The released server: the bundle next to package.json, without installed packages. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectFolder = fileURLToPath(new URL('../../..', import.meta.url))

/** Bundles into `folder`; returns the path of the image's entry point. Throws the bundler's message. */
export function buildForProduction(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const script = join(projectFolder, 'scripts/build.ts')
  const result = spawnSync(process.execPath, [script, join(folder, 'dist')], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`the production build failed:\n${result.stdout}${result.stderr}`)
  cpSync(join(projectFolder, 'package.json'), join(folder, 'package.json'))
  return join(folder, 'dist/main.js')
}
