/** A tenant's ConfigMaps, Services and Deployments change nothing for the pods of others: folder, live cluster, check. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FolderCluster } from '../../src/cluster/index.ts'
import { inject, type Snapshot } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { attack, FOREIGN_IMAGE, TENANT } from './tenant-definitions.ts'

const example = join(import.meta.dirname, '../../examples/canary-upgrade/cluster')
/** The default revision by the old label, and the canary by name. */
const VICTIMS = ['test-ns', 'payments', 'migrating']

function exampleWith(t: Test, objects: readonly JsonObject[]): string {
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

async function snapshotOf(folder: string): Promise<Snapshot> {
  const cluster = new FolderCluster({ folder, snapshot: { istiodEnv: [], istioVersions: [] } })
  await cluster.start(new AbortController().signal)
  const snapshot = cluster.snapshot()
  await cluster.close()
  return snapshot
}

function answers(snapshot: Snapshot): string {
  const outcomes = VICTIMS.map((namespace) =>
    inject(
      {
        target: { by: 'labels' },
        namespace,
        operation: 'CREATE',
        kind: { group: '', version: 'v1', kind: 'Pod' },
        subResource: '',
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'web', namespace },
          spec: { containers: [{ name: 'web', image: 'web:1' }] },
        },
        proxyEnv: new Map(),
        nowMs: 0,
        seed: 0,
      },
      snapshot,
    ),
  )
  return JSON.stringify(outcomes)
}

t.test('in a folder of manifests', async (t) => {
  const untouched = await snapshotOf(exampleWith(t, []))
  const attacked = await snapshotOf(exampleWith(t, attack))
  t.match(answers(untouched), /istio-proxy/)
  t.equal(answers(attacked), answers(untouched), 'the same pods')
  t.notMatch(answers(attacked), new RegExp(`privileged":true|hostPID|${FOREIGN_IMAGE}`))
  t.same([...attacked.revisions.keys()], [...untouched.revisions.keys()])
  t.same([...attacked.tags], [...untouched.tags])
  t.same(
    (attacked.ignored ?? []).map(({ object, defines }) => `${defines} ${object.namespace}/${object.name}`),
    [
      `revision ${TENANT}/istio-sidecar-injector-x`,
      `revision ${TENANT}/istio-sidecar-injector-canary`,
      `revision ${TENANT}/istio-sidecar-injector`,
      `tag ${TENANT}/tag-default`,
      `tag ${TENANT}/tag-canary`,
      `tag ${TENANT}/tag-prod-stable`,
    ],
  )
})

t.test('check names each object, and fails nobody for it', async (t) => {
  const check = async (objects: readonly JsonObject[]) => {
    const { out } = await runCommand('check', '--cluster', exampleWith(t, objects), '-o', 'json')
    return JSON.parse(out) as { counts: { error: number }; findings: { code: string; where: JsonObject }[] }
  }
  const report = await check(attack)
  t.equal(report.counts.error, (await check([])).counts.error)
  t.same(
    report.findings.filter(({ code }) => code.endsWith('-untrusted')).map(({ where }) => where['object']),
    [
      `ConfigMap ${TENANT}/istio-sidecar-injector-x`,
      `ConfigMap ${TENANT}/istio-sidecar-injector-canary`,
      `ConfigMap ${TENANT}/istio-sidecar-injector`,
      `Service ${TENANT}/tag-default`,
      `Service ${TENANT}/tag-canary`,
      `Service ${TENANT}/tag-prod-stable`,
    ],
  )
})
