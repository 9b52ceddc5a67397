/**
 * From the texts of a revision's ConfigMaps to its compiled configuration. Whatever does not depend on a request
 * happens here, once.
 */
import { RemoraError } from '../errors.ts'
import type { RevisionConfig, RevisionInputs } from './revision-config.ts'

/** A configuration that does not serve; the message names ConfigMap, key, template and line where they are known. */
export class RevisionConfigError extends RemoraError {}

/** @throws RevisionConfigError (code `config-invalid`, its `cause` is the error that was found) */
export function compileRevision(inputs: RevisionInputs): RevisionConfig {
  throw new RevisionConfigError('config-invalid', `revision ${inputs.name} cannot be compiled yet`)
}
