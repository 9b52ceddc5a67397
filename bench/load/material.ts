/**
 * The reviews of all rows and the cluster for them: those of the corpus if it exists, otherwise the benchmark's own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findCorpus } from '../../test/shared-corpus.ts'
import type { Reviews } from './mixes.ts'

export interface Material {
  /** For the heading of the table. */
  readonly description: string
  /** Figures can only be compared with those of the same kind. */
  readonly kind: 'corpus' | 'own'
  readonly clusterFolder: string
  readonly reviews: Reviews
  /** Deletes what was created for this run. */
  close(): void
}

const OWN_CLUSTER = resolve(import.meta.dirname, '../../examples/canary-upgrade/cluster')
const NAMES = ['typical', 'rich', 'env-2000', 'skipped'] as const

export function findMaterial(): Material {
  const install = findCorpus('installs/1.30.3/default.json')
  const reviews = findCorpus('bench')
  if (install === undefined || reviews === undefined) return ownMaterial()
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
    kind: 'corpus',
    clusterFolder,
    reviews: new Map(NAMES.map((name) => [name, readFileSync(join(reviews, `${name}.json`), 'utf8')])),
    close: () => rmSync(clusterFolder, { recursive: true, force: true }),
  }
}

/** Not comparable with figures for the corpus: another profile, other pods. */
function ownMaterial(): Material {
  const web = container('web', [])
  const three = ['web', 'cache', 'agent'].map((name) => ({
    ...container(name, env(10)),
    readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 5 },
  }))
  return {
    description:
      "the corpus is not here: Remora's own profile (examples/canary-upgrade), the bench's own pods",
    kind: 'own',
    clusterFolder: OWN_CLUSTER,
    reviews: new Map([
      ['typical', review({ containers: [web] })],
      ['rich', review({ containers: three })],
      ['env-2000', review({ containers: [container('web', env(2000))] })],
      ['skipped', review({ containers: [web], labels: { 'sidecar.istio.io/inject': 'false' } })],
    ]),
    close() {},
  }
}

const TOKEN_VOLUME = 'kube-api-access-x7k2p'

export function env(count: number): readonly object[] {
  return Array.from({ length: count }, (_, i) => ({ name: `KEY_${i}`, value: `value ${i}` }))
}

export function container(name: string, variables: readonly object[]): object {
  const mount = {
    name: TOKEN_VOLUME,
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  }
  return {
    name,
    image: `registry.example/${name}:1`,
    imagePullPolicy: 'IfNotPresent',
    ...(name === 'web' && { ports: [{ containerPort: 8080, protocol: 'TCP' }] }),
    ...(variables.length > 0 && { env: variables }),
    resources: {},
    volumeMounts: [mount],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  }
}

export interface OwnPod {
  readonly containers: readonly object[]
  readonly labels?: object
  readonly annotations?: object
}

/** As an API server sends a pod of a Deployment in namespace test-ns. */
export function review({ containers, labels, annotations }: OwnPod): string {
  const hash = '5d4f8c7b9'
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: `web-${hash}`,
    uid: '7f0d7a6e-6a7f-4b2d-9a4b-0d6c1f0e9a11',
    controller: true,
    blockOwnerDeletion: true,
  }
  const metadata = {
    generateName: `web-${hash}-`,
    labels: { app: 'web', 'pod-template-hash': hash, ...labels },
    ...(annotations !== undefined && { annotations }),
    ownerReferences: [owner],
  }
  const token = {
    name: TOKEN_VOLUME,
    projected: {
      defaultMode: 420,
      sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }],
    },
  }
  const spec = { volumes: [token], containers, restartPolicy: 'Always', serviceAccountName: 'default' }
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '0b5e9ab9-571b-b645-5586-fd21adac2c16',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'test-ns',
      operation: 'CREATE',
      object: { kind: 'Pod', apiVersion: 'v1', metadata, spec },
      oldObject: null,
      dryRun: false,
    },
  })
}
