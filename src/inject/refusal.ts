/**
 * Thrown by a step of injection if the pod cannot be injected. It never leaves the core: inject turns it into an
 * outcome. Any other exception is a defect.
 */
import { RemoraError } from '../errors.ts'
import type { CodeOf } from './codes.ts'
import type { TemplatePlace } from './outcome.ts'

export class InjectionRefusal extends RemoraError {
  declare readonly code: CodeOf<'refused'>
  readonly place: TemplatePlace | undefined

  constructor(code: CodeOf<'refused'>, message: string, cause?: unknown, place?: TemplatePlace) {
    super(code, message, cause === undefined ? {} : { cause })
    this.place = place
  }
}

/**
 * Runs a step; a refusal in it, or an error of the packages below, gets this code and a message with what was
 * attempted.
 */
export function refuseAs<T>(code: CodeOf<'refused'>, tried: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof InjectionRefusal || !(error instanceof RemoraError)) throw error
    throw new InjectionRefusal(code, `${tried}: ${error.message}`, error)
  }
}
