/** The error of an invalid command line. */
import { RemoraError } from '../errors.ts'

/** An option is unknown, missing or invalid. The user sees only the message. */
export class OptionError extends RemoraError {}
