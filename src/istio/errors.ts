/**
 * Errors of this package. Each names its source (`ConfigMap istio-system/istio, key mesh`), the path and the line if
 * known.
 */
import { type ErrorContext, RemoraError } from '../errors.ts'
import { JsonError } from '../json/index.ts'

export type IstioInputCode =
  | 'injector-config-invalid'
  | 'injector-config-too-old'
  | 'injector-values-invalid'
  | 'mesh-config-invalid'
  | 'proxy-config-invalid'
  | 'proxy-config-resource-invalid'

export class IstioInputError extends RemoraError {
  declare readonly code: IstioInputCode

  constructor(code: IstioInputCode, message: string, context: ErrorContext = {}) {
    super(code, message, context)
  }
}

/**
 * Converts an error of the YAML reader, so that callers handle one kind of error; returns any other error unchanged.
 */
export function asInputError(code: IstioInputCode, source: string, error: unknown): unknown {
  if (!(error instanceof JsonError)) return error
  return new IstioInputError(code, `${source}: ${error.message}`, {
    source,
    cause: error,
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.column === undefined ? {} : { column: error.column }),
    ...(error.path === undefined ? {} : { path: error.path }),
  })
}
