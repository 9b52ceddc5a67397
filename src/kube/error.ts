/** What this room refuses: values that Kubernetes' types do not take, and selectors that are none. */
import { RemoraError } from '../errors.ts'

export type KubeErrorCode =
  /** A JSON value of another type than the field's, or a number out of its range. */
  'kube-type' | 'kube-quantity' | 'kube-time' | 'kube-selector'

export class KubeError extends RemoraError {
  declare readonly code: KubeErrorCode
  /** The error as Kubernetes words it, without our place in front. */
  readonly reason: string

  constructor(code: KubeErrorCode, reason: string, path: string) {
    super(code, path === '' ? reason : `${path}: ${reason}`, path === '' ? {} : { path })
    this.reason = reason
  }
}
