/** Owns: reading a file that an option or argument names; why it cannot be read is told as of any wrong option. */
import { readFile } from 'node:fs/promises'
import { OptionError } from '../config/index.ts'

const REASONS = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder; expected a file'],
  ['EACCES', 'reading it is not allowed'],
])

/** @param named what names it: `--ca`. @throws OptionError, which ends a command with 2 */
export async function readNamedFile(path: string, named: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const reason = REASONS.get(code) ?? `it cannot be read (${String(error)})`
    throw new OptionError('argument-unexpected', `${named} ${path}: ${reason}`, { cause: error })
  }
}
