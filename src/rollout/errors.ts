import { RemoraError } from '../errors.ts'

/** A RevisionRollout that cannot be used. The message starts with the path of the field. */
export class RolloutError extends RemoraError {
  declare readonly code: 'rollout-invalid'

  constructor(path: string, message: string) {
    super('rollout-invalid', `${path}: ${message}`, { path })
  }
}
