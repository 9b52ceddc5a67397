/**
 * Base class of every error that Remora throws on purpose. Codes are stable, kebab-case and unique across the project;
 * `docs/codes.md` explains each. The message is for the author of a pod or an operator: what was found, what was
 * expected and how to fix it.
 */
export interface ErrorContext {
  /** A position in a structure: a JSON pointer or a field path as Kubernetes writes it (`spec.containers[0].ports`). */
  readonly path?: string
  /** The text that `line` and `column` refer to: a file, a ConfigMap key or a template. */
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
