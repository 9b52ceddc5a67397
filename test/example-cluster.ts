/** The example cluster with its two mistaken namespaces, which many tests need. Not a test. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const EXAMPLE = resolve(import.meta.dirname, '../examples/canary-upgrade')

/** Its folders, as the documentation copies them into one. */
export const EXAMPLE_FOLDERS = ['cluster', 'running', 'mistakes'] as const

/** Copies the manifests of the folders into the target, which is created. */
export function copyExample(target: string, folders: readonly string[]): string {
  for (const folder of folders)
    for (const name of readdirSync(join(EXAMPLE, folder)))
      cpSync(join(EXAMPLE, folder, name), join(target, name))
  return target
}

let mistaken: string | undefined

/** A folder with `cluster/` and the namespaces of `mistakes/`, which no test changes; removed when the process exits. */
export function exampleWithMistakes(): string {
  if (mistaken !== undefined) return mistaken
  const folder = mkdtempSync(join(tmpdir(), 'remora-example-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  copyExample(folder, ['cluster'])
  cpSync(join(EXAMPLE, 'mistakes/mistaken-namespaces.yaml'), join(folder, 'mistaken-namespaces.yaml'))
  mistaken = folder
  return folder
}
