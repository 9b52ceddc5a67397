/** Owns: where the socket is unless an option says otherwise, and that its folder is closed to other users. */
import { lstat, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One folder for each user, one socket for each server: no two on a machine have the same port of probes. */
export function defaultSocketPath(metricsPort: number): string {
  return join(tmpdir(), `remora-${process.getuid?.() ?? 'user'}`, `${metricsPort}.sock`)
}

/** Undefined: the folder is this user's alone. Otherwise what is wrong with it: the one above it is everybody's. */
export async function problemOfFolder(folder: string): Promise<string | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = await lstat(folder)
  const own = process.getuid === undefined || uid === process.getuid()
  if (own && (mode & 0o077) === 0 && (mode & 0o170000) === 0o040000) return undefined
  return `${folder} is not a folder of this user alone; expected one of mode 0700: remove it, or choose --admin-socket`
}
