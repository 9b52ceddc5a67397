/**
 * Decides whether a new snapshot requires reading the Secrets. Pure. Tenants and nodes can change the cluster as
 * often as they like (ProxyConfigs, kubelet versions), and the Secrets are up to 1 MiB each.
 */
import type { Revision, Snapshot } from '../../inject/index.ts'

/** Whether both require storing, serving and waiting for the same. */
export function sameForStorage(one: Snapshot, other: Snapshot): boolean {
  if (one.revisions.size !== other.revisions.size) return false
  for (const revision of one.revisions.values())
    if (!sameRevision(revision, other.revisions.get(revision.name))) return false
  return sameNames(namesIn(one), namesIn(other))
}

function sameRevision(one: Revision, other: Revision | undefined): boolean {
  return (
    one.config === other?.config &&
    one.kept === other?.kept &&
    one.keptRefused === other?.keptRefused &&
    one.configMapUid === other?.configMapUid &&
    one.namespace === other?.namespace
  )
}

/** Revisions that a webhook configuration or a tag names have precedence in the Secrets. */
function namesIn({ registered = new Set(), tags }: Snapshot): ReadonlySet<string> {
  return new Set([...registered, ...tags.values()])
}

function sameNames(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name))
}
