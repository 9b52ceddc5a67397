/** `remora status --cluster`: the first sentence, the table, the fixes, the formats and the exit codes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../src/json/index.ts'
import { metadataOf, specOf } from '../../src/kube/index.ts'
import { storePod } from '../dataplane/api-server.ts'
import { clusterObjects, clusterWith, template } from '../dataplane/cluster.ts'
import { injection } from '../dataplane/inject-template.ts'
import { runCommand } from './run-command.ts'

const pod = (name: string, stored: JsonObject): JsonObject => ({
  ...stored,
  metadata: { ...metadataOf(stored), name },
})
const stale = storePod(injection(template(), clusterWith({ values: { 'global.tag': '1.29.9' } })))
const current = storePod(injection(template(), clusterWith({})))
const owned = (kind: string, name: string, owner?: string): JsonObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: {
    name,
    namespace: 'shop',
    ...(owner !== undefined && {
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name: owner, uid: '1', controller: true },
      ],
    }),
  },
  spec: {
    template: { metadata: { labels: metadataOf(template())['labels'] ?? {} }, spec: specOf(template()) },
  },
})
const bare = storePod({
  ...template(),
  metadata: { name: 'shell', namespace: 'shop', labels: { app: 'shell' } },
})

function clusterFolder(folder: string, pods: readonly JsonObject[]): string {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'istio.io/rev': 'default' } },
  }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'istiod', namespace: 'istio-system' },
  }
  const items = [
    ...clusterObjects({}),
    namespace,
    service,
    owned('Deployment', 'web'),
    owned('ReplicaSet', 'web-abc', 'web'),
    ...pods,
  ]
  writeFileSync(join(folder, 'all.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  return folder
}

t.test('missing sidecars are listed before stale ones, with the command that fixes them', async (t) => {
  const folder = clusterFolder(t.testdir({}), [pod('web-1', stale), pod('web-2', current), bare])
  const status = (...args: readonly string[]) => runCommand('status', '--cluster', folder, ...args)
  const { code, out } = await status()
  t.equal(code, 0)
  t.equal(out.split('\n')[0], '2 workloads: 1 without a sidecar that they should have, 1 stale')
  t.match(
    out,
    /missing {2,}1 .*shop\/pod\/shell[\s\S]*stale {2,}1\/2 .*shop\/deployment\/web\n {2}proxy-image\n/,
  )
  t.match(out, '  kubectl rollout restart deployment/web -n shop\n')
  t.match(out, 'it has no controller')
  t.equal((await status('-o', 'name', '--stale')).out, 'shop/deployment/web\n')
  t.match(
    (await status('--pods', '-o', 'wide')).out,
    /stale .*default -> default .*shop\/web-1 .*sidecar .*proxy-image/,
  )
  const json = JSON.parse((await status('-o', 'json')).out)
  t.match(json, {
    podStates: { stale: 1, missing: 1, current: 1 },
    workloads: [{ state: 'missing' }, { causes: ['proxy-image'] }],
  })
  t.equal((await status('--fail-on', 'orphaned')).code, 0)
  const failed = await status('--fail-on', 'stale,missing')
  t.same([failed.code, failed.err], [1, 'remora: found by --fail-on: stale (1), missing (1)\n'])
  t.match(await status('-n', 'nowhere'), { code: 2, err: /there is no namespace "nowhere"/ })
})

t.test(
  'status and check agree on control planes that are gone, and say what they do not judge',
  async (t) => {
    const old = pod(
      'web-1',
      JSON.parse(
        JSON.stringify(current).replaceAll('\\"revision\\":\\"default\\"', '\\"revision\\":\\"old\\"'),
      ),
    )
    t.match(metadataOf(old), { annotations: { 'sidecar.istio.io/status': /"revision":"old"/ } })
    const asked = async (folder: string) => {
      const status = await runCommand('status', '--cluster', folder, '-o', 'json')
      const check = await runCommand('check', '--cluster', folder, '-o', 'json')
      const { podStates, notRead } = JSON.parse(status.out)
      const { findings, notJudged } = JSON.parse(check.out)
      return {
        orphaned: podStates.orphaned,
        notRead,
        gone: findings.filter(({ code }: { code: string }) => code === 'control-plane-gone'),
        notJudged: notJudged.filter(({ codes }: { codes: string[] }) => codes.includes('control-plane-gone')),
      }
    }
    const known = await asked(clusterFolder(t.testdir({}), [old]))
    t.match(known, { orphaned: 1, notRead: [], notJudged: { length: 0 } })
    t.match(known.gone, [
      {
        severity: 'warning',
        where: { object: 'Pod shop/web-1' },
        message: 'its proxy was injected by revision old, whose configuration no longer exists',
        fix: /^Restart the workload, so that/,
      },
    ])
    const folder = clusterFolder(t.testdir({}), [old])
    const all = readFileSync(join(folder, 'all.json'), 'utf8')
    const { items, ...list } = JSON.parse(all)
    const rest = items.filter(({ kind }: { kind: string }) => kind !== 'Service')
    writeFileSync(join(folder, 'all.json'), JSON.stringify({ ...list, items: rest }))
    const unread = await asked(folder)
    t.match(unread, {
      orphaned: 0,
      notRead: ['whether control planes still exist: there is no Service among the objects'],
      gone: { length: 0 },
      notJudged: [{ kind: 'service' }],
    })
    const failing = await runCommand('status', '--cluster', folder, '--fail-on', 'orphaned')
    t.equal(failing.code, 2, 'what could not be found out does not pass for good')
    t.match(failing.out, /not known: whether control planes still exist/)
  },
)

t.test('a bare pod gets no advice to restart', async (t) => {
  const old = { ...bare, status: { phase: 'Running' } }
  const folder = clusterFolder(t.testdir({}), [old])
  const { findings } = JSON.parse((await runCommand('check', '--cluster', folder, '-o', 'json')).out)
  const about = findings.filter(
    ({ where }: { where: { object: string } }) => where.object === 'Pod shop/shell',
  )
  t.match(
    about.filter(({ code }: { code: string }) => code === 'restart-changes-sidecar'),
    [
      {
        message: /^creating it again would change its sidecar/,
        fix: 'When the change is wanted, delete the pod and create it again from its manifest.',
      },
    ],
  )
  t.notMatch(about.map(({ fix }: { fix: string }) => fix).join(' '), /[Rr]estart/)
})

t.test(
  'it names what check reports, and lists workloads with a problem; --findings=false leaves this out',
  async (t) => {
    const folder = clusterFolder(t.testdir(), [bare, pod('web-1', current)])
    const without = await runCommand('status', '--cluster', folder, '--workloads', '--findings=false')
    t.notMatch(without.out, /findings:|not judged/)
    const { code, out } = await runCommand('status', '--cluster', folder, '-o', 'json')
    t.equal(code, 0)
    t.match(JSON.parse(out), { notJudged: [{ kind: 'limitrange' }, { kind: 'resourcequota' }] })
    const { pods } = JSON.parse(out) as { pods: readonly { name: string; findings: readonly string[] }[] }
    const found = new Map(pods.map(({ name, findings }) => [name, findings]))
    t.same(found.get('shell'), ['restart-changes-sidecar'])
    const waiting = clusterFolder(t.testdir(), [pod('web-1', stale)])
    const ofPods = await runCommand('status', '--cluster', waiting)
    t.match(ofPods.out, /shop\/deployment\/web\n[\s\S]*?findings: [a-z, -]*restart-changes-sidecar/)
    const typed = { ...owned('Deployment', 'web'), metadata: { name: 'typo', namespace: 'shop' } }
    const labels = { ...(metadataOf(template())['labels'] as JsonObject), 'sidecar.istio.io/injec': 'true' }
    const misspelt = { ...typed, spec: { template: { metadata: { labels }, spec: specOf(template()) } } }
    const annotations = { 'sidecar.istio.io/nativeSidecar': 'false' }
    const ordinary = {
      metadata: { labels: metadataOf(template())['labels'] ?? {}, annotations },
      spec: specOf(template()),
    }
    const job = { ...owned('Job', 'once'), apiVersion: 'batch/v1', spec: { template: ordinary } }
    const folderOfTwo = clusterFolder(t.testdir(), [misspelt, job])
    const text = await runCommand('status', '--cluster', folderOfTwo)
    t.match(text.out, /shop\/deployment\/typo\n[\s\S]*?findings: [a-z, -]*label-misspelt/)
    t.match(text.out, /not judged: LimitRange, ResourceQuota \(not among the objects\)\n$/)
    t.notMatch(text.out, 'application-starts-before-proxy', 'notes are no reason to act')
    const all = await runCommand('status', '--cluster', folderOfTwo, '--workloads')
    t.match(all.out, /shop\/job\/once\n[\s\S]*?findings: [a-z, -]*application-starts-before-proxy/)
  },
)
