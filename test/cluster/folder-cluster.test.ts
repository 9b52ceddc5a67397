import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type ClusterChange, FolderCluster } from '../../src/cluster/index.ts'
import type { Problem } from '../../src/inject/index.ts'
import { noOptions } from '../revisions/cluster-objects.ts'

function namespace(name: string, labels: Record<string, string> = {}): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })}\n`
}

interface Rig {
  readonly folder: string
  readonly cluster: FolderCluster
  /** Resolves at the next change that satisfies the predicate. */
  until(predicate: (change: ClusterChange) => boolean): Promise<ClusterChange>
  labelsOf(name: string): string | undefined
  /** But that there is no revision, which these folders have not. */
  problems(): readonly Problem[]
}

async function startRig(t: Test, files: Record<string, string>): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'remora-cluster-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const cluster = new FolderCluster({ folder, snapshot: noOptions, pollMs: 40, settleMs: 10 })
  t.teardown(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true })
  })
  await cluster.start(new AbortController().signal)
  return {
    folder,
    cluster,
    problems: () => cluster.status().problems.filter(({ code }) => code !== 'revisions-missing'),
    until: (predicate) =>
      new Promise((resolve) => {
        const stop = cluster.onChange((change) => {
          if (!predicate(change)) return
          stop()
          resolve(change)
        })
      }),
    labelsOf: (name) => {
      const found = cluster.snapshot().namespaces.get(name)
      return found === undefined ? undefined : [...found.labels].map(([k, v]) => `${k}=${v}`).join()
    },
  }
}

t.test('the folder is read completely before it is synced', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'remora-cluster-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.json'), namespace('a'))
  const cluster = new FolderCluster({ folder, snapshot: noOptions })
  t.equal(cluster.synced, false)
  t.equal(cluster.snapshot().namespaces.size, 0)
  t.match(cluster.status(), { synced: false, staleForMs: 0, problems: [] })
  await cluster.start(new AbortController().signal)
  t.equal(cluster.synced, true)
  t.same([...cluster.snapshot().namespaces.keys()], ['a'])
  t.match(cluster.status().source, /^folder /)
  await cluster.close()
  await cluster.close()
  t.equal(cluster.snapshot().namespaces.size, 1, 'the last snapshot stays readable')
})

t.test('nested folders and links are read; dot files and other extensions are skipped', async (t) => {
  const rig = await startRig(t, {
    'one/two/a.json': namespace('a'),
    'b.yml': namespace('b'),
    '.hidden/c.yaml': namespace('c'),
    '.d.yaml.swp': 'x',
    'README.md': 'not a manifest',
    'e.JSON': namespace('e'),
  })
  t.same([...rig.cluster.snapshot().namespaces.keys()].sort(), ['a', 'b', 'e'])
  symlinkSync('..', join(rig.folder, 'one/loop'))
  symlinkSync('gone.yaml', join(rig.folder, 'dangling.yaml'))
  const changed = rig.until(({ snapshot }) => snapshot.namespaces.has('f'))
  writeFileSync(join(rig.folder, 'f.yaml'), namespace('f'))
  await changed
  t.same(rig.problems(), [], 'a loop and a dangling link are no problem')
})

t.test('changed, new, replaced and deleted files are followed', async (t) => {
  const rig = await startRig(t, { 'a.yaml': namespace('a'), 'b.yaml': namespace('b') })
  let next = rig.until(() => true)
  writeFileSync(join(rig.folder, 'a.yaml'), namespace('a', { 'istio.io/rev': 'canary' }))
  await next
  t.equal(rig.labelsOf('a'), 'istio.io/rev=canary')

  next = rig.until(() => true)
  writeFileSync(join(rig.folder, 'next'), namespace('a', { 'istio.io/rev': 'prod' }))
  renameSync(join(rig.folder, 'next'), join(rig.folder, 'a.yaml'))
  await next
  t.equal(rig.labelsOf('a'), 'istio.io/rev=prod')

  next = rig.until(() => true)
  rmSync(join(rig.folder, 'b.yaml'))
  await next
  t.equal(rig.labelsOf('b'), undefined)
  t.equal(rig.labelsOf('a'), 'istio.io/rev=prod')
})

t.test('a snapshot is replaced, never changed, and stays the same while nothing changes', async (t) => {
  const rig = await startRig(t, { 'a.yaml': namespace('a'), 'c.yaml': namespace('c') })
  const before = rig.cluster.snapshot()
  t.ok(Object.isFrozen(before))
  const next = rig.until(() => true)
  writeFileSync(join(rig.folder, 'a.yaml'), namespace('a', { x: 'y' }))
  await next
  t.not(rig.cluster.snapshot(), before)
  t.equal(before.namespaces.get('a')?.labels.size, 0)
  t.equal(
    rig.cluster.snapshot().namespaces.get('c'),
    before.namespaces.get('c'),
    'what did not change is shared',
  )
})

t.test(
  'an invalid file keeps its last good content, other files are updated, and the correction is reported',
  async (t) => {
    const rig = await startRig(t, {
      'a.yaml': namespace('a', { v: '1' }),
      'b.yaml': namespace('b', { v: '1' }),
    })
    const broken = rig.until(({ appeared }) => appeared.length > 0)
    writeFileSync(
      join(rig.folder, 'a.yaml'),
      'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n bad: x\n',
    )
    const { appeared } = await broken
    t.match(appeared, [
      { code: 'manifest-malformed', message: /^a\.yaml: .*line \d.*last good content stays in use$/ },
    ])

    const relabelled = rig.until(({ snapshot }) => snapshot.namespaces.get('b')?.labels.get('v') === '2')
    writeFileSync(join(rig.folder, 'b.yaml'), namespace('b', { v: '2' }))
    await relabelled
    t.equal(rig.labelsOf('a'), 'v=1')
    t.equal(rig.problems().length, 1)
    t.equal(rig.cluster.status().staleForMs, 0, 'one broken file is no staleness')

    const fixed = rig.until(({ resolved }) => resolved.length > 0)
    writeFileSync(join(rig.folder, 'a.yaml'), namespace('a', { v: '3' }))
    await fixed
    t.equal(rig.labelsOf('a'), 'v=3')
    t.same(rig.problems(), [])
  },
)

t.test('a fresh start with a broken file serves the rest', async (t) => {
  const rig = await startRig(t, { 'a.yaml': ': : :', 'b.yaml': namespace('b'), 'c.yaml': 'apiVersion: v1\n' })
  t.ok(rig.cluster.synced)
  t.same([...rig.cluster.snapshot().namespaces.keys()], ['b'])
  t.match(rig.problems(), [
    { message: /^a\.yaml: .*line 1.*nothing of it is in use$/ },
    { message: /^c\.yaml, line 1/ },
  ])
})

t.test('a file that is not text is reported as a problem', async (t) => {
  const rig = await startRig(t, { 'b.yaml': namespace('b') })
  const reported = rig.until(({ appeared }) => appeared.length > 0)
  writeFileSync(join(rig.folder, 'a.yaml'), Buffer.from([0x61, 0xff, 0xfe]))
  t.match((await reported).appeared, [{ code: 'cluster-file-unreadable', message: /a\.yaml .*not UTF-8/ }])
})

t.test('a folder that disappears is reported as stale, keeps its last state, and recovers', async (t) => {
  const rig = await startRig(t, { 'sub/a.yaml': namespace('a') })
  const gone = rig.until(({ appeared }) => appeared.length > 0)
  renameSync(rig.folder, `${rig.folder}-away`)
  t.match((await gone).appeared, [{ code: 'cluster-folder-unreadable' }])
  t.equal(rig.labelsOf('a'), '')
  t.equal(rig.cluster.synced, true)
  t.ok(rig.cluster.status().staleForMs > 0)
  const back = rig.until(({ resolved }) => resolved.length > 0)
  renameSync(`${rig.folder}-away`, rig.folder)
  await back
  t.equal(rig.cluster.status().staleForMs, 0)
})

t.test('a defect keeps the last state, and is reported in words, not in those of Node', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'remora-cluster-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.json'), namespace('a'))
  let isBroken = false
  const snapshot = new Proxy(noOptions, {
    get(options, key) {
      if (isBroken)
        throw Object.assign(new Error("EMFILE: too many open files, open 'x'"), { code: 'EMFILE' })
      return Reflect.get(options, key)
    },
  })
  const cluster = new FolderCluster({ folder, snapshot, pollMs: 40, settleMs: 10 })
  t.teardown(() => cluster.close())
  await cluster.start(new AbortController().signal)
  isBroken = true
  const failed = new Promise<readonly Problem[]>((resolve) => {
    cluster.onChange(() => {
      const problems = cluster.status().problems.filter(({ code }) => code === 'cluster-update-failed')
      if (problems.length > 0) resolve(problems)
    })
  })
  writeFileSync(join(folder, 'b.json'), namespace('b'))
  t.match(await failed, [
    { message: /^the cluster could not be updated: .*this process has too many open files \(EMFILE\)$/ },
  ])
  t.ok(cluster.snapshot().namespaces.has('a'))
})

t.test('a missing folder, or a file in its place, fails the start', async (t) => {
  const start = (folder: string) =>
    new FolderCluster({ folder, snapshot: noOptions }).start(new AbortController().signal)
  await t.rejects(start('no/such/folder'), { code: 'cluster-folder-unreadable', message: /does not exist/ })
  await t.rejects(start(new URL(import.meta.url).pathname), {
    code: 'cluster-folder-unreadable',
    message: /is a file/,
  })
})

t.test('changes are reported: files, and changed namespaces, revisions and tags', async (t) => {
  const rig = await startRig(t, {
    'a.yaml': `${namespace('a')}---\n${namespace('c')}`,
    'b.yaml': namespace('b'),
  })
  let next = rig.until(({ reload }) => reload !== undefined)
  writeFileSync(
    join(rig.folder, 'a.yaml'),
    `${namespace('a', { 'istio.io/rev': 'x' })}---\n${namespace('c')}`,
  )
  t.same((await next).reload, { files: ['a.yaml'], namespaces: ['a'] })

  next = rig.until(({ reload }) => reload !== undefined)
  rmSync(join(rig.folder, 'b.yaml'))
  t.same((await next).reload, { files: ['b.yaml'], namespaces: ['b'] })

  next = rig.until(({ reload }) => reload !== undefined)
  writeFileSync(join(rig.folder, 'm.json'), JSON.stringify(injector))
  const { reload, resolved } = await next
  t.same(reload, { files: ['m.json'], revisions: ['canary'] })
  t.match(resolved, [{ code: 'revisions-missing' }])
})

t.test('only the first of many names are reported', async (t) => {
  const rig = await startRig(t, { 'a.yaml': namespace('a') })
  const next = rig.until(({ reload }) => reload !== undefined)
  const many = Array.from({ length: 50 }, (_, i) => namespace(`n${String(i).padStart(2, '0')}`))
  writeFileSync(join(rig.folder, 'many.yaml'), many.join('---\n'))
  const namespaces = (await next).reload?.namespaces
  t.equal(namespaces?.length, 21)
  t.match(namespaces, { 0: 'n00', 19: 'n19', 20: 'and 30 more' })
})

t.test('an empty folder is reported, and so is one without a revision', async (t) => {
  const rig = await startRig(t, { 'failed.yaml': '' })
  t.match(rig.cluster.status().problems, [
    { code: 'cluster-folder-empty', message: /contains no Kubernetes objects: expected / },
  ])
  const next = rig.until(({ appeared }) => appeared.length > 0)
  writeFileSync(join(rig.folder, 'failed.yaml'), namespace('a'))
  t.match(await next, {
    appeared: [{ code: 'revisions-missing', message: /istio-sidecar-injector-<revision>/ }],
    resolved: [{ code: 'cluster-folder-empty' }],
  })
})

const injector = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'istio-sidecar-injector-canary',
    namespace: 'istio-system',
    labels: { 'istio.io/rev': 'canary' },
  },
  data: {
    config: '{"policy":"enabled","templates":{"sidecar":"{}"}}',
    values: '{"global":{"tag":"1.30.0"}}',
  },
}
