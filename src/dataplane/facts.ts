/** The facts that the ledger needs besides pods and workloads. The caller gathers them. */
import type { InjectOptions, Snapshot } from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'

export interface LedgerFacts {
  readonly snapshot: Snapshot
  readonly options: InjectOptions
  /** `namespace/name` of all Services; undefined: they were not read, and no control plane counts as gone. */
  readonly services: ReadonlySet<string> | undefined
  /** Why the configuration of injection could not be read; undefined: it was read. */
  readonly unreadable?: string
  /**
   * When anything that decides what a new pod of the namespace gets from the revision changed last; undefined: not known.
   * The webhook of a pod that was created shortly after may still have had the earlier configuration.
   */
  changedMs(revision: string, namespace: string): number | undefined
  /** The environment in the path of the webhook that is called for a new pod: `/inject/cluster/c1/net/n1`. */
  readonly proxyEnv?: (pod: JsonObject) => ReadonlyMap<string, string>
  /** Evidence about webhooks and labels for pods without a sidecar. */
  readonly webhooks?: WebhookFacts
}

export interface WebhookFacts {
  /** Whether a webhook is called for a new pod; undefined: the webhook configurations could not be read. */
  isCalled(pod: JsonObject): boolean | undefined
  /** When the webhook configuration that is called was created. */
  createdMs(pod: JsonObject): number | undefined
  /** When the labels of the namespace were last written: an upper bound for each of them. */
  labelledMs(namespace: string): number | undefined
}
