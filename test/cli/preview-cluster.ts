/**
 * The embedded cluster with workloads: those of /docs, one that fails, and one whose name contains markup. Not a
 * test.
 */
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exampleWithMistakes } from '../example-cluster.ts'

const EXAMPLE = exampleWithMistakes()

/** The name of a workload and the value of an annotation, as a file may have them. */
export const HOSTILE = '<img src=x onerror="alert(1)">'

interface Sketch {
  readonly kind?: string
  readonly labels?: object
  readonly annotations?: object
  readonly spec?: object
}

/** As JSON, which is YAML. */
export function workload(namespace: string, name: string, sketch: Sketch = {}): string {
  const { kind = 'Deployment', labels, annotations, spec } = sketch
  return `${JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      template: {
        metadata: { labels: { app: name, ...labels }, ...(annotations && { annotations }) },
        spec: { containers: [{ name, image: `${name}:1` }], ...spec },
      },
    },
  })}\n`
}

export const WORKLOADS: readonly string[] = [
  workload('test-ns', 'web'),
  workload('test-ns', 'tuned', { annotations: { 'sidecar.istio.io/proxyImage': 'my/proxy:1' } }),
  workload('test-ns', 'db', { kind: 'StatefulSet', annotations: { 'sidecar.istio.io/proxyCPU': '333m' } }),
  workload('test-ns', 'node-agent', { kind: 'DaemonSet', spec: { hostNetwork: true } }),
  workload('test-ns', 'bad', { annotations: { 'status.sidecar.istio.io/port': HOSTILE } }),
  workload('test-ns', HOSTILE),
  workload('payments', 'ledger'),
  workload('checkout', 'cart'),
  workload('migrating', 'orders'),
  workload('stranded', 'mailer'),
  workload('legacy-apps', 'crm'),
  workload('tools', 'pinned', { labels: { 'istio.io/rev': 'prod-stable' } }),
]

export function previewCluster(t: { testdir(): string }, workloads = WORKLOADS): string {
  const folder = t.testdir()
  cpSync(EXAMPLE, folder, { recursive: true })
  writeFileSync(join(folder, 'workloads.yaml'), workloads.join('---\n'))
  return folder
}
