/** What injection states for a template, and how a running pod differs from it. */
import type { JsonObject, JsonValue } from '../json/index.ts'
import type { Path } from './paths.ts'
import type { StaleCause } from './pod-state.ts'
import type { Statement } from './statements.ts'

/** What injection states for one template. */
export interface Injection {
  /** The pod that was submitted: from the template. */
  readonly submitted: JsonObject
  /** The same after injection. */
  readonly injected: JsonObject
  readonly statements: readonly Statement[]
  readonly revision: string
}

/** A difference before its writer is determined. */
export interface Difference {
  readonly path: Path
  /** Within a JSON text. */
  readonly within: string
  readonly cause: StaleCause
  readonly stated: JsonValue | undefined
  readonly found: JsonValue | undefined
}
