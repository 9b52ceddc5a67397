/** The default path of the socket, and the check that its folder is closed to other users. */
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One folder per user and one socket per server: two servers on a machine cannot have the same metrics port. */
export function defaultSocketPath(metricsPort: number): string {
  return join(tmpdir(), `remora-${process.getuid?.() ?? 'user'}`, `${metricsPort}.sock`)
}

/**
 * Undefined if only this user has access to the folder. Otherwise the problem, since the parent folder is open to
 * everybody.
 */
export async function problemOfFolder(folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(folder)
  const own = process.getuid === undefined || uid === process.getuid()
  if (own && (mode & 0o077) === 0 && (mode & 0o170000) === 0o040000) return undefined
  return `${folder} is not a folder of this user alone; expected one of mode 0700: remove it, or choose --admin-socket`
}
