/**
 * How a step of injection says that the pod cannot be injected: thrown inside the core only, and made an outcome by
 * inject. Anything else that is thrown is a defect.
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

/** Runs a step; what it refuses, and what the rooms below refuse in it, gets that code and says what was tried. */
export function refuseAs<T>(code: CodeOf<'refused'>, tried: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof InjectionRefusal || !(error instanceof RemoraError)) throw error
    throw new InjectionRefusal(code, `${tried}: ${error.message}`, error)
  }
}
