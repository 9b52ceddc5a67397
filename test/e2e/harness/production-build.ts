/** The server as it is shipped: compiled JavaScript beside package.json and the installed packages. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectFolder = fileURLToPath(new URL('../../..', import.meta.url))

/** Compiles into `folder`; gives the path of the image's entry point. Throws with the compiler's words. */
export function buildForProduction(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const compiler = join(projectFolder, 'node_modules/.bin/tsc')
  const result = spawnSync(
    compiler,
    ['-p', join(projectFolder, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')],
    { encoding: 'utf8' },
  )
  if (result.status !== 0) throw new Error(`the production build failed:\n${result.stdout}${result.stderr}`)
  cpSync(join(projectFolder, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'dist/main.js')
}
