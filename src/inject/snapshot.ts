import type { IgnoredDefinition, ProxyConfigResource, VersionEvidence } from '../istio/index.ts'
import type { RevisionRollout } from '../rollout/index.ts'
import type { Kubelets } from './kubelets.ts'
import type { RevisionConfig, RevisionInputs } from './revision-config.ts'

/** Everything known of the cluster that affects injection: built, validated, frozen and swapped as a whole. */
export interface Snapshot {
  /** By name; `default` is the one whose ConfigMap has no suffix. */
  readonly revisions: ReadonlyMap<string, Revision>
  /** Revision tags: each name with the revision that it points to, which may be unknown. */
  readonly tags: ReadonlyMap<string, string>
  readonly enableNamespacesByDefault: boolean
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>
  readonly nodes: Kubelets
  /** By namespace, oldest first. */
  readonly proxyConfigs: ReadonlyMap<string, readonly ProxyConfigResource[]>
  /** Objects that look like revisions and tags but are ignored, because they are not in a trusted namespace. */
  readonly ignored?: readonly IgnoredDefinition[]
  /** Where control planes are installed (`--istio-namespaces`). */
  readonly trustedNamespaces?: readonly string[]
  /** Revisions that active registrations of Remora require, installed or not. */
  readonly calledFor?: ReadonlySet<string> | undefined
  /** Revisions and tags that an active webhook configuration names. */
  readonly registered?: ReadonlySet<string> | undefined
  /** Oldest first; absent or empty: none. */
  readonly rollouts?: readonly RolloutFacts[]
  /** Revisions and tags that a control plane outside the cluster serves, each with what the API server calls. */
  readonly external?: ReadonlyMap<string, string> | undefined
  /** Problems that do not stop serving: a broken file, a revision in two namespaces. */
  readonly problems: readonly Problem[]
}

export interface RolloutFacts {
  readonly rollout: RevisionRollout
  /**
   * The Service of the target's control plane, if that cannot serve; whether the target has a usable configuration is in
   * `revisions`.
   */
  readonly unready?: UnreadyService | undefined
}

export interface UnreadyService {
  /** `istio-system/istiod-1-30-3`. */
  readonly service: string
  /** `unready`: no ready endpoint for a while. */
  readonly state: 'unready' | 'not-read'
}

export interface Revision {
  readonly name: string
  /** Namespace of its control plane and ConfigMaps. */
  readonly namespace: string
  /** The last good configuration; undefined if there never was one: known but unusable. */
  readonly config: RevisionConfig | undefined
  /** How its Istio version was detected, readable; for the newest configuration that served. */
  readonly versionReason?: string
  readonly versionEvidence?: VersionEvidence
  /** It is newer than known: the version it is treated as. */
  readonly versionWarnings?: readonly string[]
  /** The sources of the newest configuration, even if it does not serve; undefined: its version is not supported. */
  readonly newest?: RevisionInputs | undefined
  /** The reason why the newest configuration does not serve. */
  readonly problem?: Problem
  /** Current uid of its injector ConfigMap, if the source has uids. */
  readonly configMapUid?: string | undefined
  /** `config` was compiled from this kept configuration, because this process has never built one from the cluster. */
  readonly kept?: KeptConfiguration | undefined
  /** A kept configuration that does not compile either. */
  readonly keptRefused?: KeptConfiguration | undefined
}

/** The sources that a revision was last compiled from, stored outside the process (revisions/last-good). */
export interface KeptConfiguration {
  readonly inputs: RevisionInputs
  /** Digest of the ConfigMaps' texts (revisions/configuration-digest.ts). */
  readonly digest: string
  /** When it was stored, by the clock of the replica that stored it (RFC 3339); for reports only. */
  readonly keptSince: string
  /** The Remora version that stored it. */
  readonly remoraVersion: string
  /** For messages: `Secret remora-system/remora-last-good-0`. */
  readonly place: string
}

export interface NamespaceFacts {
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
}

export interface Problem {
  readonly code: string
  /** Names file or ConfigMap, key, template and line if they are known. */
  readonly message: string
  /** The object or file that it refers to, if there is one: `Namespace shop (namespaces.yaml)`. */
  readonly where?: string
  /** The revision that it refers to, if there is one. */
  readonly revision?: string
}
