/**
 * What outcomes depend on beside the request, in one place, for whoever keeps outcomes from one snapshot to the next. A
 * revision's configuration and a namespace's facts are compared by identity where they take part; everything else is
 * compared here. What somebody with rights in one namespace can change makes no difference to outcomes of others.
 */
import type { Snapshot } from '../inject/index.ts'

/**
 * Whether an outcome of the one snapshot holds in the other, given that its revision has the same configuration, its
 * namespace the same facts, neither its namespace nor the mesh's root namespace other ProxyConfigs, and the kubelets
 * give the same decision (`allKubeletsCan`). Nodes are not compared: each kubelet writes its own version, so one that
 * changes it all the time must not cost others their cached outcomes. Says nothing of a pod that is assigned to a node.
 */
export function sameDependencies(one: Snapshot, other: Snapshot): boolean {
  if (one === other) return true
  return (
    one.enableNamespacesByDefault === other.enableNamespacesByDefault &&
    one.labelRevision === other.labelRevision &&
    one.templateLimits === other.templateLimits &&
    sameMap(one.tags, other.tags, Object.is) &&
    sameMap(one.revisions, other.revisions, () => true)
  )
}

/** The namespaces whose ProxyConfigs are others in the one snapshot than in the other. */
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
