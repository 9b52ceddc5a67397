/** The example's cluster with further objects, and what pods of its namespaces get there. Not a test. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { FolderCluster } from '../../src/cluster/index.ts'
import { inject, type Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { exampleWithMistakes } from '../example-cluster.ts'

const example = exampleWithMistakes()
export function exampleWith(t: Test, objects: readonly JsonObject[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'remora-tenant-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  cpSync(example, folder, { recursive: true })
  // Of an object that is there twice the last one counts, so these come last.
  writeFileSync(
    join(folder, 'zz-tenant.json'),
    JSON.stringify({ kind: 'List', apiVersion: 'v1', items: objects }),
  )
  return folder
}

export async function snapshotOf(folder: string): Promise<Snapshot> {
  const cluster = new FolderCluster({ folder, snapshot: { istiodEnv: [], istioVersions: [] } })
  await cluster.start(new AbortController().signal)
  const snapshot = cluster.snapshot()
  await cluster.close()
  return snapshot
}

/** A pod without labels and annotations. */
export const plainPod = (namespace: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
})

export function answersFor(namespaces: readonly string[], snapshot: Snapshot, podOf = plainPod): string {
  const outcomes = namespaces.map((namespace) =>
    inject(
      {
        target: { by: 'labels' },
        namespace,
        operation: 'CREATE',
        kind: { group: '', version: 'v1', kind: 'Pod' },
        subResource: '',
        object: podOf(namespace),
        proxyEnv: new Map(),
        nowMs: 0,
        seed: 0,
      },
      snapshot,
    ),
  )
  return JSON.stringify(outcomes)
}
