/**
 * The one base class of every error that Remora throws on purpose. Codes are stable, kebab-case and unique
 * across the project; `docs/codes.md` explains each. What a pod's owner or an operator must read goes into
 * the message: what was found, what was expected, how to mend it.
 */
export interface ErrorContext {
  /** Where in a structure: a JSON pointer or a field path as Kubernetes writes it (`spec.containers[0].ports`). */
  readonly path?: string
  /** Where in a text: the file, ConfigMap key or template. */
  readonly source?: string
  /** 1-based. */
  readonly line?: number
  /** 1-based, in bytes where the text is a template (as Go counts), else in characters. */
  readonly column?: number
  readonly cause?: unknown
}

export class RemoraError extends Error {
  readonly code: string
  readonly path: string | undefined
  readonly source: string | undefined
  readonly line: number | undefined
  readonly column: number | undefined

  constructor(code: string, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause })
    this.name = new.target.name
    this.code = code
    this.path = context.path
    this.source = context.source
    this.line = context.line
    this.column = context.column
  }
}
