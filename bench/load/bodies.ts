/** What is posted, and the cluster that it is posted to: the shared corpus where it is there, else our own. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export interface Material {
  /** For the head of the table. */
  readonly description: string
  readonly clusterFolder: string
  /** Made for this run: to be deleted after it. */
  readonly temporary: boolean
  readonly bodies: ReadonlyMap<string, string>
}

const root = resolve(import.meta.dirname, '../..')
const corpus = resolve(root, '../shared/corpus')
const NAMES = ['typical', 'rich', 'env-2000', 'skipped'] as const

export function findMaterial(): Material {
  const install = join(corpus, 'installs/1.30.3/default.json')
  if (!existsSync(install) || !existsSync(join(corpus, 'bench/typical.json'))) return ownMaterial()
  const clusterFolder = mkdtempSync(join(tmpdir(), 'remora-bench-'))
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'test-ns', labels: { 'istio-injection': 'enabled' } },
  }
  writeFileSync(join(clusterFolder, 'install.json'), readFileSync(install))
  writeFileSync(join(clusterFolder, 'namespace.json'), JSON.stringify(namespace))
  return {
    description: "Istio 1.30.3's default install, the corpus' reviews",
    clusterFolder,
    temporary: true,
    bodies: new Map(NAMES.map((name) => [name, readFileSync(join(corpus, 'bench', `${name}.json`), 'utf8')])),
  }
}

/** Not comparable with figures for the corpus: another profile, other pods. */
function ownMaterial(): Material {
  const env = (count: number): object[] =>
    Array.from({ length: count }, (_, i) => ({ name: `KEY_${i}`, value: `value ${i}` }))
  const probe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 5 }
  const container = {
    name: 'web',
    image: 'registry.example/web:1',
    ports: [{ containerPort: 8080 }],
    resources: {},
  }
  const three = ['web', 'cache', 'agent'].map((name) => ({
    ...container,
    name,
    env: env(10),
    readinessProbe: probe,
  }))
  return {
    description: "examples/canary-upgrade (Remora's own profile), the bench's own pods",
    clusterFolder: join(root, 'examples/canary-upgrade/cluster'),
    temporary: false,
    bodies: new Map([
      ['typical', review({}, [container])],
      ['rich', review({}, three)],
      ['env-2000', review({}, [{ ...container, env: env(2000) }])],
      ['skipped', review({ 'sidecar.istio.io/inject': 'false' }, [container])],
    ]),
  }
}

function review(labels: object, containers: readonly object[]): string {
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: 'web-5d4f8c7b9',
    uid: '1',
    controller: true,
  }
  const metadata = {
    generateName: 'web-5d4f8c7b9-',
    labels: {
      app: 'web',
      'pod-template-hash': '5d4f8c7b9',
      ...labels,
    },
    ownerReferences: [owner],
  }
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '0b5e9ab9-571b-b645-5586-fd21adac2c16',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'test-ns',
      operation: 'CREATE',
      object: { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } },
    },
  })
}
