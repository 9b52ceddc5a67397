/** Stand-ins until the room istio has them. */
import type { DiscoveredRevision, Discovery, IstioObjects, IstioVersion } from '../istio/index.ts'
import { newestKnownVersion } from '../istio/index.ts'

export function discoverRevisions(_objects: IstioObjects): Discovery {
  return { revisions: new Map(), tags: new Map(), enableNamespacesByDefault: undefined, problems: [] }
}

export function controlPlaneEnvironment(
  found: DiscoveredRevision,
  _options: readonly {
    readonly revision: string | undefined
    readonly name: string
    readonly value: string
  }[],
): ReadonlyMap<string, string> {
  return found.deploymentEnv
}

export function tellVersion(
  _found: DiscoveredRevision,
  _stated: string | undefined,
): { readonly version: IstioVersion; readonly warnings: readonly string[] } {
  return { version: newestKnownVersion, warnings: [] }
}
