/** The problems of a cluster without any revision or without any object. */
import type { Problem, Snapshot } from '../inject/index.ts'

/** A folder without a single object, usually left by a command that failed. */
export function emptyFolder(folder: string): Problem {
  return {
    code: 'cluster-folder-empty',
    message:
      `the folder ${folder} contains no Kubernetes objects: expected .yaml, .yml or .json files as kubectl get -o yaml ` +
      'writes them, with namespaces, ConfigMaps and webhook configurations',
  }
}

/**
 * Without a revision no pod can be injected, whatever its labels are, so this gets its own message. A control plane outside
 * of the cluster has no ConfigMap in it.
 */
export function missingRevisions(snapshot: Snapshot): readonly Problem[] {
  if (snapshot.revisions.size > 0 || (snapshot.external?.size ?? 0) > 0) return []
  const places = (snapshot.trustedNamespaces ?? []).join(', ')
  return [
    {
      code: 'revisions-missing',
      message:
        'no revision was found: there is no injector ConfigMap istio-sidecar-injector (or ' +
        `istio-sidecar-injector-<revision>) in ${places}, so no pod can be injected; if control planes are ` +
        'installed elsewhere, list their namespaces with --istio-namespaces',
    },
  ]
}
