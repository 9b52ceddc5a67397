/** What the ledger says of one pod. */
import type { PodState } from './pod-state.ts'
import type { ProxyKind } from './proxy-kind.ts'

export interface Assessment {
  readonly proxy: ProxyKind
  /** The revision that injected it; undefined: none, or it is not recorded. */
  readonly actual: string | undefined
  /** The revision of a new pod; undefined: none. */
  readonly desired: string | undefined
  readonly state: PodState
  /** It was created after the last change of what decides injection, so that every difference is another writer's. */
  readonly sinceChange: boolean
}
