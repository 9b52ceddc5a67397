/** A cluster with the recorded configuration of Istio 1.30.3, changed as a test says, and a pod template of it. */
import { join } from 'node:path'
import type { Snapshot } from '../../src/inject/index.ts'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { buildSnapshot } from '../../src/revisions/index.ts'
import { readRecorded } from '../conformance/read-recorded.ts'
import { labelled } from './recorded-pods.ts'

export const folder = join(import.meta.dirname, '..', 'recorded', '1.30.3')

const texts: { readonly injectorConfig: string; readonly values: string; readonly mesh: string } = JSON.parse(
  readRecorded(join(folder, 'configs', 'default.json')),
)
const VERSION = { 'app.kubernetes.io/version': '1.30.3', 'istio.io/rev': 'default' }

export interface Changed {
  /** Dotted paths and their new values. */
  readonly values?: JsonObject
  readonly mesh?: string
  readonly injector?: (text: string) => string
  readonly objects?: readonly JsonObject[]
}

let built: ReturnType<typeof buildSnapshot> | undefined

/** The manifests of its control plane. */
export function clusterObjects({
  values = {},
  mesh = '',
  injector = (text) => text,
  objects = [],
}: Changed): readonly JsonObject[] {
  const tree: { [key: string]: JsonValue } = JSON.parse(texts.values)
  for (const [path, value] of Object.entries(values)) setAt(tree, path.split('.'), value)
  const configMap = (name: string, data: JsonObject): JsonObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'istio-system', labels: VERSION },
    data,
  })
  return [
    configMap('istio-sidecar-injector', {
      config: injector(texts.injectorConfig),
      values: JSON.stringify(tree),
    }),
    configMap('istio', { mesh: `${texts.mesh}\n${mesh}` }),
    ...objects,
  ]
}

export function clusterWith(changed: Changed): Snapshot {
  const trust = { namespaces: ['istio-system'], only: false }
  built = buildSnapshot(
    clusterObjects(changed).map((object) => ({ object })),
    { istiodEnv: [], istioVersions: [], trust },
    built,
  )
  return labelled(built.snapshot, 'shop', 'default')
}

function setAt(
  tree: { [key: string]: JsonValue },
  [key = '', ...rest]: readonly string[],
  value: JsonValue,
): void {
  if (rest.length === 0) tree[key] = value
  else {
    const inner = { ...(tree[key] as { [key: string]: JsonValue }) } // the paths below are those of objects
    tree[key] = inner
    setAt(inner, rest, value)
  }
}

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-abc', uid: '1', controller: true }
/** A pod of the ReplicaSet `web-abc` in the namespace `shop`. */
export const template = (annotations: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-abc-x',
    generateName: 'web-abc-',
    namespace: 'shop',
    labels: { app: 'web', 'pod-template-hash': 'abc' },
    annotations,
    ownerReferences: [owner],
  },
  spec: {
    containers: [
      {
        name: 'web',
        image: 'example.com/web:1',
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
        livenessProbe: { httpGet: { path: '/live', port: 8080, scheme: 'HTTP' }, timeoutSeconds: 1 },
      },
    ],
  },
})
