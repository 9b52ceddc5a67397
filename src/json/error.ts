/**
 * Errors of this package. Codes distinguish what the parsers refuse, so that callers can distinguish "too deep" from "not
 * YAML" without reading messages.
 */
import { type ErrorContext, RemoraError } from '../errors.ts'

export type JsonErrorCode =
  | 'json-syntax'
  | 'json-too-deep'
  | 'json-too-large'
  | 'json-too-many'
  | 'json-number-range'
  | 'yaml-syntax'
  | 'yaml-value'
  | 'yaml-too-deep'
  | 'yaml-too-large'
  | 'yaml-aliases'

export class JsonError extends RemoraError {
  declare readonly code: JsonErrorCode

  constructor(code: JsonErrorCode, message: string, context: ErrorContext = {}) {
    super(code, message, context)
  }
}

/** 1-based line and column (in characters) of an offset; CR LF, LF and CR end a line. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let lineStart = 0
  const end = Math.min(offset, text.length)
  for (let i = 0; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) {
      line++
      lineStart = i + 1
    }
  }
  return { line, column: end - lineStart + 1 }
}
