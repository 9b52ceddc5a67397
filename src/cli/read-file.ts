/** Reads a file that an option or argument names. */

import { readFile } from 'node:fs/promises'
import { decodeText } from '../cluster/index.ts'
import { OptionError } from '../config/index.ts'
import { describeSystemError } from '../system-error.ts'

const REASONS = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'this is a folder; expected a file'],
  ['EACCES', 'permission denied'],
])

/** @param named the option: `--ca`. @throws OptionError */
export async function readNamedFile(path: string, named: string): Promise<string> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const reason = REASONS.get(code) ?? describeSystemError(error)
    throw new OptionError('argument-unexpected', `${named} ${path}: ${reason}`, { cause: error })
  }
  const text = decodeText(bytes)
  if (!text.ok) throw new OptionError('argument-unexpected', `${named} ${path}: ${text.problem}`)
  return text.text
}
