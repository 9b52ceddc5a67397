/** Reads a file that an option or argument names. */
import { readFile } from 'node:fs/promises'
import { OptionError } from '../config/index.ts'

const REASONS = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'this is a folder; expected a file'],
  ['EACCES', 'permission denied'],
])

/** @param named the option: `--ca`. @throws OptionError */
export async function readNamedFile(path: string, named: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const reason = REASONS.get(code) ?? `it cannot be read (${String(error)})`
    throw new OptionError('argument-unexpected', `${named} ${path}: ${reason}`, { cause: error })
  }
}
