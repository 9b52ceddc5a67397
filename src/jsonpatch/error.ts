import { type ErrorContext, RemoraError } from '../errors.ts'

export type JsonPatchErrorCode =
  /** The text is not an RFC 6901 pointer. */
  | 'json-pointer-syntax'
  /** An operation is malformed, its target is missing or its test fails. */
  | 'json-patch-not-applicable'
  /** A value to be compared is nested deeper than MAX_WALK_DEPTH. */
  | 'json-patch-too-deep'

export class JsonPatchError extends RemoraError {
  declare readonly code: JsonPatchErrorCode

  constructor(code: JsonPatchErrorCode, message: string, context: ErrorContext = {}) {
    super(code, message, context)
  }
}
