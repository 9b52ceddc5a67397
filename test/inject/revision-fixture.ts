/** Small revisions, snapshots and requests for the tests of this folder. Not a test. */

import {
  type InjectionRequest,
  Kubelets,
  type RevisionConfig,
  type Snapshot,
} from '../../src/inject/index.ts'
import { parseIstioVersion } from '../../src/istio/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { compileRevision } from '../../src/revisions/index.ts'

export interface RevisionSketch {
  readonly version?: string
  /** Template texts by name; `sidecar` by default. */
  readonly templates?: { readonly [name: string]: string }
  /** Further keys of the injector configuration. */
  readonly config?: JsonObject
  readonly values?: JsonObject | null
  readonly mesh?: string
  readonly env?: { readonly [name: string]: string }
  readonly name?: string
}

export function revision(sketch: RevisionSketch = {}): RevisionConfig {
  const version = parseIstioVersion(sketch.version ?? '1.30.3')
  if (version === undefined) throw new TypeError('no version')
  const config = { policy: 'enabled', templates: sketch.templates ?? { sidecar: '{}' }, ...sketch.config }
  const values = sketch.values === undefined ? { global: { hub: 'hub', tag: '1' } } : sketch.values
  return compileRevision({
    name: sketch.name ?? 'default',
    namespace: 'istio-system',
    version,
    injectorConfigMap: {
      name: 'istio-sidecar-injector',
      config: JSON.stringify(config),
      values: JSON.stringify(values),
    },
    meshConfigMap: { name: 'istio', mesh: sketch.mesh },
    environment: new Map(Object.entries(sketch.env ?? {})),
  })
}

export function snapshotOf(config: RevisionConfig, facts: Partial<Snapshot> = {}): Snapshot {
  const { name, namespace } = config
  return {
    revisions: new Map([[name, { name, namespace, config }]]),
    tags: new Map(),
    enableNamespacesByDefault: false,
    namespaces: new Map([['shop', { labels: new Map(), annotations: new Map() }]]),
    nodes: new Kubelets([['n1', 'v1.33.1']]),
    proxyConfigs: new Map(),
    problems: [],
    ...facts,
  }
}

export function pod(metadata: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', ...metadata },
    spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
  }
}

export function requestFor(object: JsonObject, changes: Partial<InjectionRequest> = {}): InjectionRequest {
  return {
    target: { by: 'revision', name: 'default' },
    namespace: 'shop',
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subResource: '',
    object,
    proxyEnv: new Map(),
    nowMs: 0,
    seed: 1,
    ...changes,
  }
}
