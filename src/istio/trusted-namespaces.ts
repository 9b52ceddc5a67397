/**
 * The namespaces that may define a revision or a tag. Pure. Anyone who can edit a namespace can create ConfigMaps and
 * Services in it, so definitions are valid only in namespaces that an administrator of the mesh chose. The definitions
 * themselves are in discover.ts and discover-tags.ts.
 */
import type { WebhookConfiguration } from './webhook-configurations.ts'

export interface TrustOptions {
  /** Where control planes are installed; if two have the same revision, the first one counts. */
  readonly namespaces: readonly string[]
  /** Ignore all other namespaces, whatever a webhook configuration names. */
  readonly only: boolean
}

export const defaultTrust: TrustOptions = Object.freeze({
  namespaces: Object.freeze(['istio-system']),
  only: false,
})

/** A webhook configuration that names a namespace which is not read. */
export interface NamespaceNotRead {
  readonly configuration: string
  readonly namespace: string
  readonly revision: string
  readonly tag: string | undefined
}

/**
 * The listed namespaces count for every revision and tag. For one revision or tag the namespace of the Service that its
 * Istio webhook configuration calls counts as well: the configuration is cluster-scoped, so an administrator made it,
 * and the API server already sends pods to that Service.
 */
export class TrustedNamespaces {
  readonly listed: readonly string[]
  readonly notRead: readonly NamespaceNotRead[]
  /** Namespaces by revision: those that the revision's own configurations name, and those that its tags' name. */
  readonly #ofRevisions = new Map<string, Set<string>>()
  readonly #ofTagTargets = new Map<string, Set<string>>()
  readonly #ofTags = new Map<string, Set<string>>()

  constructor(webhooks: readonly WebhookConfiguration[], { namespaces, only }: TrustOptions) {
    this.listed = namespaces
    const notRead: NamespaceNotRead[] = []
    for (const { name, revision, tag, namespace, ofRemora } of webhooks) {
      // Remora's own Service does not show where istiod is.
      if (ofRemora || namespace === undefined) continue
      if (only && !namespaces.includes(namespace)) {
        notRead.push({ configuration: name, namespace, revision, tag })
        continue
      }
      if (tag === undefined) addTo(this.#ofRevisions, revision, namespace)
      else {
        addTo(this.#ofTags, tag, namespace)
        addTo(this.#ofTagTargets, revision, namespace)
      }
    }
    this.notRead = notRead
  }

  /**
   * undefined: a ConfigMap in the namespace does not define the revision. The lowest rank counts: the namespace that
   * the revision's own webhook configuration calls, then the listed ones in order, then one that a tag's configuration
   * calls.
   */
  rankOfRevision(revision: string, namespace: string): number | undefined {
    const places = this.listed.length
    const index = this.listed.indexOf(namespace)
    if (this.#ofRevisions.get(revision)?.has(namespace)) return index < 0 ? places : index
    if (index >= 0) return places + 1 + index
    return this.#ofTagTargets.get(revision)?.has(namespace) ? 2 * places + 1 : undefined
  }

  /** undefined: a Service in the namespace does not define the tag. */
  rankOfTag(tag: string, namespace: string): number | undefined {
    const index = this.listed.indexOf(namespace)
    if (index >= 0) return index
    return this.#ofTags.get(tag)?.has(namespace) ? this.listed.length : undefined
  }

  /** Whether any revision may be defined in the namespace. */
  has(namespace: string): boolean {
    if (this.listed.includes(namespace)) return true
    return [...this.#ofRevisions.values(), ...this.#ofTagTargets.values()].some((set) => set.has(namespace))
  }

  /** Equal for objects that trust the same namespaces. */
  fingerprint(): string {
    return JSON.stringify([
      this.listed,
      ...[this.#ofRevisions, this.#ofTagTargets, this.#ofTags].map((map) =>
        [...map].map(([name, namespaces]) => [name, [...namespaces].sort()]).sort(),
      ),
    ])
  }
}

function addTo(map: Map<string, Set<string>>, name: string, namespace: string): void {
  const set = map.get(name)
  if (set === undefined) map.set(name, new Set([namespace]))
  else set.add(namespace)
}
