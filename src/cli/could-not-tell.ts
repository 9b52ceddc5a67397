/** Owns: what becomes of errors in commands where 1 is an answer: what could not be found out is 2. */
import { OptionError } from '../config/index.ts'
import { RemoraError } from '../errors.ts'

/** To be thrown in the error's place: ours and the system's as an OptionError, which ends with 2; a defect as it is. */
export function couldNotTell(error: unknown): unknown {
  if (error instanceof OptionError) return error
  if (error instanceof RemoraError) return new OptionError(error.code, error.message, { cause: error })
  if (error instanceof Error && 'syscall' in error)
    return new OptionError('argument-unexpected', error.message, { cause: error })
  return error
}
