/** Errors of this package: values that Kubernetes' types do not accept, and invalid selectors. */
import { RemoraError } from '../errors.ts'

export type KubeErrorCode =
  /** A JSON value of another type than the field, or a number out of range. */
  'kube-type' | 'kube-quantity' | 'kube-time' | 'kube-selector'

export class KubeError extends RemoraError {
  declare readonly code: KubeErrorCode
  /** The error as Kubernetes words it, without the path. */
  readonly reason: string
  /** The error in the words of the message, without the path. */
  readonly problem: string

  constructor(code: KubeErrorCode, reason: string, path: string, problem = reason) {
    super(code, path === '' ? problem : `${path}: ${problem}`, path === '' ? {} : { path })
    this.reason = reason
    this.problem = problem
  }
}
