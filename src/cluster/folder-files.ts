/**
 * Finds the manifest files of a folder and detects changes. Symbolic links are followed, because a mounted ConfigMap
 * consists of them, but no folder is entered twice.
 */

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RemoraError } from '../errors.ts'
import { describeSystemError } from '../system-error.ts'
import { decodeText } from './decode-text.ts'
import type { FileText } from './object-reader.ts'

/** Enough for any export of a cluster without its pods. A folder with more was named by mistake. */
const maxFiles = 20_000
const maxFileBytes = 256 * 1024 * 1024
const maxDepth = 32

export interface FoundFile {
  /** Relative to the folder, with `/`. */
  readonly path: string
  /** Changes if the size, the modification time or the file behind the name changes. */
  readonly stamp: string
  readonly bytes: number
}

/**
 * All `.yaml`, `.yml` and `.json` files below the folder, sorted by path. Names that begin with a dot are skipped:
 * editors' swap files, `.git`, and the `..data` folders of a mounted ConfigMap, whose files are also linked from the
 * folder itself. Throws `cluster-folder-unreadable`.
 */
export async function findManifestFiles(folder: string): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = []
  const entered = new Set<string>()

  const enter = async (relative: string, depth: number): Promise<void> => {
    const path = join(folder, relative)
    const info = await stat(path)
    const identity = `${info.dev}:${info.ino}`
    if (entered.has(identity) || depth > maxDepth) return
    entered.add(identity)
    for (const name of (await readdir(path)).sort()) {
      if (name.startsWith('.')) continue
      await visit(relative === '' ? name : `${relative}/${name}`, name, depth)
    }
  }

  const visit = async (relative: string, name: string, depth: number): Promise<void> => {
    // A file that disappears after the listing was deleted; a dangling link counts as deleted too.
    const info = await stat(join(folder, relative)).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    })
    if (info === undefined) return
    if (info.isDirectory()) return enter(relative, depth + 1)
    if (!info.isFile() || !/\.(ya?ml|json)$/i.test(name)) return
    if (found.length >= maxFiles) {
      throw new RemoraError(
        'cluster-folder-unreadable',
        `${folder} contains more than ${maxFiles} manifest files`,
      )
    }
    found.push({
      path: relative,
      stamp: `${info.dev}:${info.ino}:${info.size}:${info.mtimeMs}`,
      bytes: info.size,
    })
  }

  try {
    await enter('', 0)
  } catch (error) {
    if (error instanceof RemoraError) throw error
    throw new RemoraError('cluster-folder-unreadable', describeFolderError(folder, error), {
      source: folder,
      cause: error,
    })
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** The file's text. Throws `cluster-file-unreadable`: not permitted, too large, not UTF-8. */
export async function readManifestFile(folder: string, file: FoundFile): Promise<string> {
  if (file.bytes > maxFileBytes) {
    throw unreadable(file, `it has ${file.bytes} bytes; at most ${maxFileBytes} are read`)
  }
  let bytes: Buffer
  try {
    bytes = await readFile(join(folder, file.path))
  } catch (error) {
    throw unreadable(file, describeSystemError(error), error)
  }
  const text = decodeText(bytes)
  if (!text.ok) throw unreadable(file, text.problem)
  return text.text
}

/** The texts of all files that can be read. */
export async function readTexts(folder: string): Promise<readonly FileText[]> {
  const texts: FileText[] = []
  for (const file of await findManifestFiles(folder)) {
    try {
      texts.push({ file: file.path, text: await readManifestFile(folder, file) })
    } catch (error) {
      // Reported when the cluster was read.
      if (!(error instanceof RemoraError)) throw error
    }
  }
  return texts
}

function unreadable(file: FoundFile, why: string, cause?: unknown): RemoraError {
  return new RemoraError('cluster-file-unreadable', `${file.path} cannot be read: ${why}`, {
    source: file.path,
    cause,
  })
}

function describeFolderError(folder: string, error: unknown): string {
  if (isMissing(error)) return `the folder ${folder} does not exist; --cluster takes a folder of manifests`
  if (hasCode(error, 'ENOTDIR')) return `${folder} is a file; --cluster takes a folder of manifests`
  return `the folder ${folder} cannot be read: ${describeSystemError(error)}`
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT')
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
