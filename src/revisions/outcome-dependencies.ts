/**
 * What outcomes depend on besides the request, in one place, for caches that outlive a snapshot. Callers compare a
 * revision's configuration and a namespace's facts by identity; everything else is compared here. A tenant's changes in
 * one namespace do not affect the outcomes of others.
 */
import type { Snapshot } from '../inject/index.ts'

/**
 * Whether an outcome with the one snapshot is valid with the other, given that its revision has the same configuration,
 * its namespace the same facts, neither its namespace nor the mesh's root namespace other ProxyConfigs, and the
 * kubelets give the same decision (`allKubeletsCan`). Nodes are not compared: each kubelet writes its own version, so
 * one that changes it all the time must not cost others their cached outcomes. Not valid for a pod that is assigned to
 * a node.
 */
export function sameDependencies(one: Snapshot, other: Snapshot): boolean {
  if (one === other) return true
  return (
    one.enableNamespacesByDefault === other.enableNamespacesByDefault &&
    sameRollouts(one, other) &&
    sameMap(one.tags, other.tags, Object.is) &&
    sameMap(one.revisions, other.revisions, () => true)
  )
}

/**
 * Whether rollouts choose the same pods and their targets serve as before. While nothing changes, `rollouts` is the same
 * value; a target may stop being usable without it.
 */
function sameRollouts(one: Snapshot, other: Snapshot): boolean {
  const [before = NO_ROLLOUTS, after = NO_ROLLOUTS] = [one.rollouts, other.rollouts]
  return (
    before.length === after.length &&
    before.every(
      ({ rollout, unready }, i) =>
        rollout === after[i]?.rollout &&
        (unready === undefined) === (after[i]?.unready === undefined) &&
        isUsable(one, rollout.to) === isUsable(other, rollout.to),
    )
  )
}

const NO_ROLLOUTS: NonNullable<Snapshot['rollouts']> = []

function isUsable({ revisions }: Snapshot, name: string): boolean {
  return revisions.get(name)?.config !== undefined
}

/** The namespaces whose ProxyConfigs differ between the snapshots. */
export function changedProxyConfigs(one: Snapshot, other: Snapshot): ReadonlySet<string> {
  const changed = new Set<string>()
  if (one.proxyConfigs === other.proxyConfigs) return changed
  for (const namespace of [...one.proxyConfigs.keys(), ...other.proxyConfigs.keys()]) {
    const [before = [], after = []] = [one.proxyConfigs.get(namespace), other.proxyConfigs.get(namespace)]
    if (!sameList(before, after)) changed.add(namespace)
  }
  return changed
}

function sameMap<T>(
  one: ReadonlyMap<string, T>,
  other: ReadonlyMap<string, T>,
  same: (a: T, b: T) => boolean,
): boolean {
  if (one === other) return true
  if (one.size !== other.size) return false
  for (const [key, value] of one) {
    const found = other.get(key)
    if (found === undefined || !same(value, found)) return false
  }
  return true
}

function sameList(one: readonly object[], other: readonly object[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}
