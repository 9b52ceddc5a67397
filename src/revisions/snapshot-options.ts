import type { InjectOptions, KeptConfiguration } from '../inject/index.ts'
import type { EnvOption, TrustOptions } from '../istio/index.ts'
import type { SnapshotLimits } from './snapshot-limits.ts'

/** Options for the revisions; they take precedence over what the cluster shows. */
export interface SnapshotOptions {
  /** Control-plane environment, for one revision (`default` for the one without suffix) or, without a name, for all. */
  readonly istiodEnv: readonly EnvOption[]
  readonly istioVersions: readonly { readonly revision: string | undefined; readonly version: string }[]
  /** The namespaces that may define revisions and tags; istio-system if absent. */
  readonly trust?: TrustOptions
  /** The options of all injections, for the warm-up. */
  readonly inject?: InjectOptions
  /** The limits on what is loaded; the defaults if absent. */
  readonly limits?: SnapshotLimits
  /** By revision: what serves if this process has not built a configuration from the cluster. */
  readonly kept?: ReadonlyMap<string, KeptConfiguration>
}
