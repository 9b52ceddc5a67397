/** Owns: the error of options. */
import { RemoraError } from '../errors.ts'

/** An option that is unknown, missing, does not parse or fit; the message is the one line that the user sees. */
export class OptionError extends RemoraError {}
