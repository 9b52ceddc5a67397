/**
 * A tenant adds no series: labels have values of closed sets, whatever reviews, paths, labels and ConfigMaps
 * contain.
 */
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isCode } from '../../src/inject/index.ts'
import { CLUSTER_FOLDER } from '../capture/capture-fixture.ts'
import { waitUntil } from '../wait-until.ts'
import { serveFolder } from './serve-folder.ts'

const MARKER = 'tenant-text'
const KINDS = ['patched', 'skipped', 'refused', 'fault', 'malformed']

/** Objects that a tenant may write in one namespace. */
const TENANT = [
  { kind: 'Namespace', metadata: { name: `ns-${MARKER}`, labels: { 'istio.io/rev': `rev-${MARKER}` } } },
  {
    kind: 'ConfigMap',
    metadata: { name: `istio-sidecar-injector-${MARKER}`, namespace: `ns-${MARKER}` },
    data: {
      config: `policy: ${MARKER}\ntemplates: {${MARKER}: "{{ ${MARKER} }}"}`,
      values: `{"revision": "${MARKER}"`,
    },
  },
  {
    kind: 'Service',
    metadata: {
      name: `tag-${MARKER}`,
      namespace: `ns-${MARKER}`,
      labels: { 'istio.io/tag': `tag-${MARKER}`, 'istio.io/rev': `rev-${MARKER}` },
    },
    spec: {},
  },
  {
    kind: 'ProxyConfig',
    metadata: { name: `pc-${MARKER}`, namespace: `ns-${MARKER}` },
    spec: { concurrency: MARKER, image: { imageType: MARKER } },
  },
]

function review(i: number): string {
  const name = `${MARKER}-${i}`
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: name,
      kind: { group: i % 5 === 0 ? name : '', version: 'v1', kind: 'Pod' },
      namespace: i % 2 === 0 ? `ns-${MARKER}` : name,
      operation: i % 7 === 0 ? name : 'CREATE',
      object: {
        metadata: {
          name,
          labels: { 'istio.io/rev': name, 'sidecar.istio.io/inject': i % 3 === 0 ? 'true' : name },
          annotations: { 'inject.istio.io/templates': name, 'proxy.istio.io/config': `concurrency: ${name}` },
        },
        spec: { containers: [{ name: 'c', image: name }] },
      },
    },
  })
}

const PATHS = [
  '/inject',
  (i: number) => `/revisions/${MARKER}-${i}/inject`,
  (i: number) => `/tags/${MARKER}-${i}/inject`,
  (i: number) => `/inject/cluster/${MARKER}-${i}/net/${MARKER}`,
  (i: number) => `/${MARKER}-${i}`,
  (i: number) => `/revisions/default/inject?${MARKER}=${i}`,
]

t.test('reviews of a hostile tenant add no series', async (t) => {
  const cluster = join(t.testdir({}), 'cluster')
  cpSync(CLUSTER_FOLDER, cluster, { recursive: true })
  for (const [i, object] of TENANT.entries())
    writeFileSync(join(cluster, `tenant-${i}.json`), JSON.stringify({ apiVersion: 'v1', ...object }))
  const { running, post } = await serveFolder(t, cluster)
  const read = async () => (await (await fetch(`${running.healthUrl}/metrics`)).text()).split('\n')
  const ask = async (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const path = PATHS[i % PATHS.length] ?? '/inject'
      const body = i % 11 === 0 ? `{"${MARKER}-${i}` : review(i)
      await post(typeof path === 'string' ? path : path(i), body)
    }
  }
  // Once around: what the closed sets can hold is there.
  await ask(0, 154)
  // The findings of the configuration are published a moment after the start.
  await waitUntil('the findings in the metrics', async () =>
    (await read()).some((line) => line.startsWith('remora_findings{')),
  )
  const before = seriesOf(await read())
  await ask(154, 462)
  const lines = await read()
  t.same(
    seriesOf(lines).filter((series) => !before.includes(series)),
    [],
    'twice as many reviews with new names add no series',
  )
  t.notMatch(lines.join('\n'), MARKER)
  const revisions = new Set([...running.cluster.snapshot().revisions.keys(), 'none', 'unknown'])
  const labels = lines
    .filter((line) => line.startsWith('remora_admissions_total{'))
    .map((line) =>
      Object.fromEntries([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
    )
  t.ok(labels.length > 3)
  for (const { revision, result, code } of labels) {
    t.ok(revisions.has(String(revision)), `revision ${revision}`)
    t.ok(KINDS.includes(String(result)), `result ${result}`)
    t.ok(isCode(String(code)), `code ${code}`)
  }
})

function seriesOf(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))
}
