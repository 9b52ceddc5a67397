/** Owns: what becomes of errors in commands where 1 is an answer: what could not be found out is 2. */
import { OptionError } from '../config/index.ts'
import { RemoraError } from '../errors.ts'

/** To be thrown in the error's place: ours and the system's as an OptionError, which ends with 2; a defect as it is. */
export function couldNotTell(error: unknown): unknown {
  if (error instanceof OptionError) return error
  if (error instanceof RemoraError) return new OptionError(error.code, error.message, { cause: error })
  if (error instanceof Error && 'syscall' in error)
    return new OptionError('argument-unexpected', missingPath(error) ?? error.message, { cause: error })
  return error
}

/** Of an input that is not there. Only inputs are looked up by stat: for an output or a socket, ENOENT means something else. */
function missingPath(error: Error): string | undefined {
  if (!('code' in error && error.code === 'ENOENT' && 'path' in error)) return undefined
  if (!('syscall' in error && error.syscall === 'stat')) return undefined
  return `${String(error.path)}: there is no such file or folder`
}
