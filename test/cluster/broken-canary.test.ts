/** One invalid revision in a folder does not affect the others. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FolderCluster } from '../../src/cluster/index.ts'
import { inject, type Snapshot } from '../../src/inject/index.ts'
import { exampleWithMistakes } from '../example-cluster.ts'

const example = exampleWithMistakes()

function copyExample(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'remora-canary-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  cpSync(example, folder, { recursive: true })
  return folder
}

async function startCluster(t: Test, folder: string): Promise<FolderCluster> {
  const options = { folder, snapshot: { istiodEnv: [], istioVersions: [] }, pollMs: 40, settleMs: 10 }
  const cluster = new FolderCluster(options)
  t.teardown(() => cluster.close())
  await cluster.start(new AbortController().signal)
  return cluster
}

function edit(folder: string, file: string, before: string, after: string): void {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(before)) throw new Error(`${file} has no ${before}`)
  writeFileSync(path, text.replace(before, after))
}

/** Waits until the snapshot is as wanted. */
async function until(cluster: FolderCluster, wanted: (snapshot: Snapshot) => boolean): Promise<void> {
  if (wanted(cluster.snapshot())) return
  await new Promise<void>((resolve) => {
    const stop = cluster.onChange(({ snapshot }) => {
      if (!wanted(snapshot)) return
      stop()
      resolve()
    })
  })
}

/** What a new pod gets: revision and the discovery address of its proxy. */
function injectInto(namespace: string, snapshot: Snapshot): string {
  const outcome = inject(
    {
      target: { by: 'labels' },
      namespace,
      operation: 'CREATE',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      subResource: '',
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'x', namespace },
        spec: { containers: [{ name: 'x', image: 'x' }] },
      },
      proxyEnv: new Map(),
      nowMs: 0,
      seed: 0,
    },
    snapshot,
  )
  if (outcome.kind !== 'patched') return outcome.code
  const address = /discoveryAddress\\":\\"([^"\\]*)/.exec(JSON.stringify(outcome.pod))?.[1]
  return `${outcome.decided?.revision} ${address ?? 'built-in address'}`
}

const goodLine = '{{- $proxy := .Values.global.proxy -}}'
const badLine = '{{- $proxy := .Values.global.proxy | nosuch -}}'
const broken = (snapshot: Snapshot) => snapshot.revisions.get('canary')?.problem !== undefined

t.test(
  'with an invalid canary template, its last good one stays, and everything else is updated',
  async (t) => {
    const folder = copyExample(t)
    const cluster = await startCluster(t, folder)
    t.same(cluster.status().problems, [])
    t.equal(injectInto('payments', cluster.snapshot()), 'canary istiod-canary.istio-system.svc:15012')
    t.equal(injectInto('test-ns', cluster.snapshot()), 'default built-in address')

    edit(folder, 'configmaps-canary.yaml', goodLine, badLine)
    await until(cluster, broken)
    const [problem, ...others] = cluster.status().problems
    t.same(others, [])
    for (const part of [
      'configmaps-canary.yaml',
      'istio-sidecar-injector-canary',
      'config',
      'sidecar',
      'nosuch',
      'line',
    ]) {
      t.match(problem?.message, part, `the message names ${part}`)
    }
    t.equal(injectInto('payments', cluster.snapshot()), 'canary istiod-canary.istio-system.svc:15012')

    edit(folder, 'mistaken-namespaces.yaml', 'istio.io/rev: canary-old', 'istio.io/rev: canary')
    edit(
      folder,
      'configmaps-default.yaml',
      'discoveryAddress: istiod.istio-system.svc:15012',
      'discoveryAddress: istiod-moved.istio-system.svc:15012',
    )
    await until(cluster, (snapshot) => injectInto('test-ns', snapshot).includes('istiod-moved'))
    t.equal(injectInto('test-ns', cluster.snapshot()), 'default istiod-moved.istio-system.svc:15012')
    t.equal(injectInto('stranded', cluster.snapshot()), 'canary istiod-canary.istio-system.svc:15012')

    edit(folder, 'configmaps-canary.yaml', badLine, goodLine)
    await until(cluster, (snapshot) => !broken(snapshot))
    t.same(cluster.status().problems, [])
  },
)

t.test('a fresh start with a broken canary serves the other revisions', async (t) => {
  const folder = copyExample(t)
  edit(folder, 'configmaps-canary.yaml', goodLine, badLine)
  const cluster = await startCluster(t, folder)
  t.ok(cluster.synced)
  t.equal(injectInto('payments', cluster.snapshot()), 'revision-unusable')
  t.equal(injectInto('test-ns', cluster.snapshot()), 'default built-in address')
  t.equal(injectInto('checkout', cluster.snapshot()), '1-29-2 istiod-1-29-2.istio-system.svc:15012')
  t.match(cluster.status().problems, [
    { message: /^revision canary \(configmaps-canary\.yaml\): it cannot be used: / },
  ])
})

t.test('a truncated file keeps its last good content', async (t) => {
  const folder = copyExample(t)
  const cluster = await startCluster(t, folder)
  const text = readFileSync(join(folder, 'configmaps-canary.yaml'), 'utf8')
  writeFileSync(
    join(folder, 'configmaps-canary.yaml'),
    'apiVersion: v1\nkind: ConfigMap\ndata:\n  config: "{{',
  )
  await new Promise<void>((resolve) => {
    cluster.onChange(({ appeared }) => {
      if (appeared.length > 0) resolve()
    })
  })
  t.match(cluster.status().problems, [
    { code: 'manifest-malformed', message: /^configmaps-canary\.yaml: .*line \d+/ },
  ])
  t.equal(injectInto('payments', cluster.snapshot()), 'canary istiod-canary.istio-system.svc:15012')
  writeFileSync(join(folder, 'configmaps-canary.yaml'), text)
  await new Promise<void>((resolve) => {
    cluster.onChange(({ resolved }) => {
      if (resolved.length > 0) resolve()
    })
  })
  t.same(cluster.status().problems, [])
})
