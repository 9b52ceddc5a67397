/** Plain objects of a small cluster, and snapshots of them. */

import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import {
  type BuiltSnapshot,
  buildSnapshot,
  type ClusterObject,
  type SnapshotOptions,
} from '../../src/revisions/index.ts'

export const noOptions: SnapshotOptions = { istiodEnv: [], istioVersions: [] }

export function object(
  apiVersion: string,
  kind: string,
  metadata: JsonObject,
  rest: JsonObject = {},
): ClusterObject {
  return { object: { apiVersion, kind, metadata, ...rest }, source: 'cluster.yaml' }
}

export const namespace = (name: string, labels: JsonValue = {}) => object('v1', 'Namespace', { name, labels })
export const node = (name: string, kubeletVersion: JsonValue) =>
  object('v1', 'Node', { name }, { status: { nodeInfo: { kubeletVersion } } })

export interface RevisionTexts {
  readonly template?: string
  readonly mesh?: string
  readonly values?: string
  readonly version?: string
  readonly namespace?: string
}

/** A revision's two ConfigMaps. */
export function revision(name: string, texts: RevisionTexts = {}): readonly ClusterObject[] {
  const suffix = name === 'default' ? '' : `-${name}`
  const metadata = (base: string): JsonObject => ({
    name: `${base}${suffix}`,
    namespace: texts.namespace ?? 'istio-system',
    labels: { 'istio.io/rev': name, 'app.kubernetes.io/version': texts.version ?? '1.30.3' },
  })
  const config = `policy: enabled\ntemplates:\n  sidecar: |\n    ${texts.template ?? 'metadata: {labels: {from: template}}'}\n`
  return [
    object('v1', 'ConfigMap', metadata('istio-sidecar-injector'), {
      data: { config, values: texts.values ?? '{"global": {"proxy": {}}}' },
    }),
    object('v1', 'ConfigMap', metadata('istio'), {
      data: { mesh: texts.mesh ?? 'rootNamespace: istio-system\n' },
    }),
  ]
}

export const build = (objects: readonly ClusterObject[], previous?: BuiltSnapshot, options = noOptions) =>
  buildSnapshot(objects, options, previous)
export const labelsOf = (built: BuiltSnapshot, name: string) =>
  Object.fromEntries(built.snapshot.namespaces.get(name)?.labels ?? [])
export const codesOf = (built: BuiltSnapshot) => built.snapshot.problems.map(({ code }) => code)
