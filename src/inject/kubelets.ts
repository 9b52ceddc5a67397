/** The kubelet versions of a cluster's nodes, and what follows from all of them together. */

/** The first Kubernetes minor in which native sidecars are stable. */
const FIRST_MINOR = 33

export class Kubelets {
  /** By node name. */
  readonly versions: ReadonlyMap<string, string>
  /** Determined when it is first needed: nodes may change more often than it is asked for. */
  #all: boolean | undefined

  constructor(versions: Iterable<readonly [node: string, version: string]> = []) {
    this.versions = versions instanceof Map ? versions : new Map(versions)
  }

  /** Whether every kubelet supports native sidecars: the decision for pods without a node in the mode `auto`. */
  get allSupportNativeSidecars(): boolean {
    this.#all ??= [...this.versions.values()].every(supportsNativeSidecars)
    return this.#all
  }
}

/** As hashicorp/go-version parses it: a missing minor is 0, an invalid version does not support them. */
const VERSION =
  /^v?([0-9]+(?:\.[0-9]+)*)(?:-[0-9]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*|-?[A-Za-z~-]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)?(?:\+[0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*)?$/

/** Kubelets choose this text. No version is longer, and the time to reject a text is quadratic in its length. */
const LONGEST_VERSION = 256

export function supportsNativeSidecars(kubelet: string): boolean {
  if (kubelet.length > LONGEST_VERSION) return false
  const segments = VERSION.exec(kubelet)?.[1]?.split('.')
  return segments !== undefined && Number(segments[1] ?? 0) >= FIRST_MINOR
}
