/**
 * Owns: revisions whose answer depends on the kubelets' versions, while the nodes are not known: no nodes at all would
 * read as "every node can". Pure.
 */
import type { Problem, Revision, Snapshot } from '../../inject/index.ts'

/** Whether nodes must be followed for this state. */
export function needsNodes({ revisions }: Snapshot): boolean {
  return [...revisions.values()].some(dependsOnNodes)
}

/** Such a revision stays as it served before, where that did not need nodes; else it is known and cannot be used yet. */
export function withoutNodes(snapshot: Snapshot, before: Snapshot): Snapshot {
  const revisions = new Map<string, Revision>()
  for (const [name, revision] of snapshot.revisions) {
    revisions.set(name, dependsOnNodes(revision) ? standIn(revision, before.revisions.get(name)) : revision)
  }
  return Object.freeze({ ...snapshot, revisions })
}

/** Of such a snapshot, the problems of the revisions that wait. */
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
