/** The default path of the socket, and the check that its folder is closed to other users. */
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One folder per user and one socket per server: two servers on a machine cannot have the same metrics port. */
export function defaultSocketPath(metricsPort: number): string {
  return join(tmpdir(), `remora-${process.getuid?.() ?? 'user'}`, `${metricsPort}.sock`)
}

/**
 * The problem with the folder, or undefined if only this user has access to it. Others may have access to its parent.
 */
export async function problemOfFolder(folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(folder)
  const own = process.getuid === undefined || uid === process.getuid()
  if (own && (mode & 0o077) === 0 && (mode & 0o170000) === 0o040000) return undefined
  return `${folder} is not private to this user; expected a folder with mode 0700: remove it, or set --admin-socket`
}
