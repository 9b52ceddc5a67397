import type { IgnoredDefinition, ProxyConfigResource, VersionEvidence } from '../istio/index.ts'
import type { RevisionConfig, RevisionInputs } from './revision-config.ts'

/** Everything known of the cluster that decides about injection: built, validated, frozen and swapped as a whole. */
export interface Snapshot {
  /** By name; `default` is the one with the unsuffixed ConfigMap. */
  readonly revisions: ReadonlyMap<string, Revision>
  /** Revision tags: name to the revision that it points at (which may be unknown). */
  readonly tags: ReadonlyMap<string, string>
  readonly enableNamespacesByDefault: boolean
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>
  /** Kubelet version by node name. */
  readonly nodes: ReadonlyMap<string, string>
  /** By namespace, oldest first. */
  readonly proxyConfigs: ReadonlyMap<string, readonly ProxyConfigResource[]>
  /** Objects that look like revisions and tags and do not count, since anybody could have made them. */
  readonly ignored?: readonly IgnoredDefinition[]
  /** Where control planes are installed (`--istio-namespaces`). */
  readonly trustedNamespaces?: readonly string[]
  /** Revisions that active registrations of Remora call for, installed or not. */
  readonly calledFor?: ReadonlySet<string> | undefined
  /** Revisions and tags that an active webhook configuration names. */
  readonly registered?: ReadonlySet<string> | undefined
  /** What is wrong but does not stop serving: a broken file, a revision that stands in two namespaces. */
  readonly problems: readonly Problem[]
}

export interface Revision {
  readonly name: string
  /** Where its control plane and ConfigMaps are. */
  readonly namespace: string
  /** The last good configuration; undefined where there never was one: known but unusable. */
  readonly config: RevisionConfig | undefined
  /** How its Istio version was found out, for people; of the newest configuration that served. */
  readonly versionReason?: string
  readonly versionEvidence?: VersionEvidence
  /** It is newer than known: as what it is served. */
  readonly versionWarnings?: readonly string[]
  /** What the newest configuration is made from, also where it does not serve; undefined: its version is not served. */
  readonly newest?: RevisionInputs | undefined
  /** Why the newest configuration does not serve. */
  readonly problem?: Problem
  /** Uid of its injector ConfigMap as it is now, where the source has uids. */
  readonly configMapUid?: string | undefined
  /** `config` was compiled from this kept configuration, since this process has never built one from the cluster. */
  readonly kept?: KeptConfiguration | undefined
  /** A kept configuration that does not compile either. */
  readonly keptRefused?: KeptConfiguration | undefined
}

/** What a revision was last compiled from, stored outside of the process (revisions/last-good). */
export interface KeptConfiguration {
  readonly inputs: RevisionInputs
  /** Of the ConfigMaps' texts (revisions/configuration-digest.ts). */
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
  /** Names file or ConfigMap, key, template, line where they are known. */
  readonly message: string
  /** The object or file that it is about, where it is one: `Namespace shop (namespaces.yaml)`. */
  readonly where?: string
  /** The revision that it is about, where it is one. */
  readonly revision?: string
}
