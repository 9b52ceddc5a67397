/**
 * Handles revisions that depend on kubelet versions while the nodes are unknown, because an empty list of nodes would
 * mean that every node supports native sidecars. Pure.
 */
import type { Problem, Revision, Snapshot } from '../../inject/index.ts'

/** Whether this state requires watching nodes. */
export function needsNodes({ revisions }: Snapshot): boolean {
  return [...revisions.values()].some(dependsOnNodes)
}

/**
 * Such a revision keeps its earlier configuration if that did not depend on nodes. Otherwise it is known but not
 * usable yet.
 */
export function withoutNodes(snapshot: Snapshot, before: Snapshot): Snapshot {
  const revisions = new Map<string, Revision>()
  for (const [name, revision] of snapshot.revisions) {
    revisions.set(name, dependsOnNodes(revision) ? standIn(revision, before.revisions.get(name)) : revision)
  }
  return Object.freeze({ ...snapshot, revisions })
}

/** The problems of the revisions that wait, for such a snapshot. */
export function withheldOf({ revisions }: Snapshot): readonly Problem[] {
  return [...revisions.values()].flatMap(({ problem }) => (problem?.code === 'nodes-not-read' ? problem : []))
}

function standIn(revision: Revision, before: Revision | undefined): Revision {
  if (before?.config !== undefined && before.namespace === revision.namespace && !dependsOnNodes(before)) {
    return before
  }
  return Object.freeze({
    name: revision.name,
    namespace: revision.namespace,
    configMapUid: revision.configMapUid,
    config: undefined,
    problem: {
      code: 'nodes-not-read',
      message: `revision ${revision.name}: whether sidecars are native depends on the kubelets' versions, and the nodes have not been read yet`,
    },
  })
}

function dependsOnNodes({ config }: Revision): boolean {
  return config?.nativeSidecars === 'auto'
}
