/** The two errors of this package. Both have the template, line and column, and can show the source line. */
import { RemoraError } from '../errors.ts'
import { locate } from './source.ts'

export type ParseErrorClass =
  | 'undefined-function'
  | 'undefined-variable'
  | 'duplicate-template'
  | 'unclosed'
  | 'unterminated-string'
  | 'bad-number'
  | 'bad-character'
  | 'bad-literal'
  | 'missing-value'
  | 'non-executable'
  | 'outside-range'
  | 'bad-declaration'
  | 'empty-command'
  | 'unexpected-token'
  | 'too-deep'
  /** More tokens than allowed: `template-too-large`. */
  | 'too-large'
  /** Known to sprig but not supported: `template-function-refused`. */
  | 'function-refused'

export type ExecErrorClass =
  | 'no-field'
  | 'nil-pointer'
  | 'nil-data'
  | 'type-mismatch'
  | 'bad-comparison'
  | 'arg-count'
  | 'index-range'
  | 'range-over'
  | 'not-a-function'
  | 'non-executable'
  | 'undefined-template'
  | 'undefined-variable'
  | 'unprintable'
  | 'function-error'
  | 'panic'
  | 'too-deep'
  /** More steps, text or depth than the budget allows: `template-budget-exceeded`. */
  | 'budget'

/** A position in a template's text. */
export interface Place {
  readonly template: string
  readonly text: string
  /** UTF-16 offset into `text`. */
  readonly offset: number
}

const PARSE_ERROR_CODES: { readonly [kind in ParseErrorClass]?: string } = {
  'function-refused': 'template-function-refused',
  'too-large': 'template-too-large',
}

/**
 * The text is not a valid template. Codes: `template-parse-error`, `template-function-refused`, `template-too-large`.
 */
export class TemplateParseError extends RemoraError {
  readonly class: ParseErrorClass
  readonly place: Place

  constructor(kind: ParseErrorClass, place: Place, line: number, message: string) {
    const code = PARSE_ERROR_CODES[kind] ?? 'template-parse-error'
    const { column } = locate(place.text, place.offset)
    super(code, `template: ${place.template}:${line}: ${message}`, { source: place.template, line, column })
    this.class = kind
    this.place = place
  }
}

/** The template failed on this data. Codes: `template-exec-error`, `template-budget-exceeded`. */
export class TemplateExecError extends RemoraError {
  readonly class: ExecErrorClass
  readonly place: Place
  /** The template or definition that was being executed. */
  readonly executing: string

  constructor(
    kind: ExecErrorClass,
    at: { place: Place; executing: string; snippet: string },
    message: string,
  ) {
    const { line, column } = locate(at.place.text, at.place.offset)
    // Go counts columns from 0 here, in bytes; `column` is 1-based as everywhere else.
    const where = `${at.place.template}:${line}:${column - 1}`
    super(
      kind === 'budget' ? 'template-budget-exceeded' : 'template-exec-error',
      `template: ${where}: executing "${at.executing}" at <${at.snippet}>: ${message}`,
      { source: at.place.template, line, column },
    )
    this.class = kind
    this.place = at.place
    this.executing = at.executing
  }
}
