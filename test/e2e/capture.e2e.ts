/**
 * Remora, installed by its chart with a folder for captures, records reviews of a real API server. The capture is
 * queried and narrowed over the socket as with `kubectl exec`, and replayed without the cluster and with the
 * configuration of the other revision. Also checks the API server's audit log for the same reviews.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ReplayReport } from '../../src/capture/index.ts'
import type { ClusterObject } from './harness/istio-installs.ts'
import { waitFor } from './harness/process.ts'
import { startStage } from './harness/stage.ts'
import { barePod, deployment, podsOf } from './harness/workloads.ts'

const SECRET = 'keep-secret'
const RELEASE = ['remora', '-n', 'istio-system'] as const
/** As in docs/debugging.md. */
const VALUES = [
  ...['--set-json', 'revisions=[{"name":"default","active":true},{"name":"canary","active":true}]'],
  ...['--set', 'replicaCount=1', '--set-json', 'extraArgs=["--capture=/captures"]'],
  ...['--set-json', 'extraVolumes=[{"name":"captures","emptyDir":{}}]'],
  ...['--set-json', 'extraVolumeMounts=[{"name":"captures","mountPath":"/captures"}]'],
]

t.setTimeout(180_000)
const stage = await startStage()
t.teardown(() => stage.stop())
const { kubectl, helm, chart, plane } = stage

/** The released executable, on a machine without a cluster. */
function remora(...args: string[]): {
  readonly status: number | null
  readonly out: string
  readonly err: string
} {
  const main = join(plane.folder, 'image/dist/main.js')
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production', HOME: join(plane.folder, 'nowhere') }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env })
  return { status, out: stdout, err: stderr }
}

/** The emptyDir of Remora's single pod. */
function captureFolder(): string {
  const [pod] = podsOf(kubectl, 'istio-system', 'app.kubernetes.io/name=remora')
  return join(plane.folder, 'pods', pod?.metadata.uid ?? '', 'volume-captures')
}

function admin(...args: string[]): { readonly recorded: number; readonly recording: boolean } {
  const { status, out, err } = remora('admin', 'capture', ...args, '--capture', captureFolder(), '-o', 'json')
  if (status !== 0) throw new Error(err)
  return JSON.parse(out)
}

const recorded = (count: number) =>
  waitFor(`${count} recorded reviews`, () => (admin('status').recorded === count ? true : undefined))

function create(pod: object): string {
  const { stderr } = kubectl.tryWith(JSON.stringify(pod), 'create', '-f', '-')
  return stderr
}

/** A container whose environment must not appear in a capture. */
function withSecret(pod: object): object {
  const { spec, ...rest } = pod as { spec: { containers: readonly [object] } }
  const containers = spec.containers.map((one) => ({ ...one, env: [{ name: 'PASSWORD', value: SECRET }] }))
  return { ...rest, spec: { ...spec, containers } }
}

function replayed(...args: string[]): ReplayReport & { readonly status: number | null } {
  const { status, out, err } = remora('replay', ...args, '-o', 'json')
  if (out === '') throw new Error(err)
  return { ...JSON.parse(out), status }
}

/** The logged decisions, counted by code. */
function loggedCodes(): { [code: string]: number } {
  const counts: { [code: string]: number } = {}
  for (const line of stage.podLogs('remora').split('\n')) {
    const code = /"code":"([^"]*)"/.exec(line)?.[1]
    if (code !== undefined && line.includes('"msg":"decision"')) counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}

const desk = join(plane.folder, 'desk')
const captures = join(desk, 'captures')
let before: ReplayReport | undefined

t.test(
  'a server that is installed with a capture folder records the reviews of the API server',
  async (t) => {
    helm.run('install', ...RELEASE, chart, ...VALUES, '--wait', '--timeout=60s')
    for (const [name, label] of [
      ['shop', 'istio-injection=enabled'],
      ['payments', 'istio.io/rev=canary'],
    ] as const) {
      kubectl.run('create', 'namespace', name)
      kubectl.run('label', 'namespace', name, label)
    }
    t.equal(create(withSecret(barePod('shop', 'plain'))), '')
    t.equal(create(barePod('payments', 'native', {}, { 'sidecar.istio.io/nativeSidecar': 'true' })), '')
    t.match(
      create(barePod('shop', 'typing', {}, { 'sidecar.istio.io/proxyCpuLimits': '1' })),
      /Warning: sidecar\.istio\.io\/proxyCpuLimits is ignored; try sidecar\.istio\.io\/proxyCPULimit \[annotation-misspelt\]/,
    )
    t.match(
      create(barePod('shop', 'bad', {}, { 'sidecar.istio.io/interceptionMode': 'SIDEWAYS' })),
      /interceptionMode invalid.*\[annotation-invalid\]/,
    )
    kubectl.apply(deployment('shop', 'web', 2))
    kubectl.run('rollout', 'status', 'deployment/web', '-n', 'shop', '--timeout=60s')
    await recorded(6)
  },
)

t.test('the recording can be narrowed, stopped and started over the socket', async (t) => {
  admin('narrow', '--capture-namespace', 'payments')
  create(barePod('shop', 'not-wanted'))
  create(barePod('payments', 'wanted'))
  await recorded(7)
  t.equal(admin('stop').recording, false)
  create(barePod('payments', 'stopped'))
  t.equal(admin('start').recording, true)
  create(barePod('payments', 'started'))
  await recorded(8)
})

t.test('the captured folder replays with the same outcomes elsewhere and contains no secret', async (t) => {
  mkdirSync(desk)
  cpSync(captureFolder(), captures, { recursive: true, filter: (path) => !path.endsWith('admin') })
  const text = readdirSync(captures)
    .map((name) => readFileSync(join(captures, name), 'utf8'))
    .join('')
  t.notMatch(text, SECRET)
  before = replayed(captures)
  t.match(before, { status: 0, reviews: 8, same: 8, differs: 0, errors: 0 })
  const logged = loggedCodes()
  // Two of the injected ones are filtered out.
  t.same(before.codes, { ...logged, injected: (logged['injected'] ?? 0) - 2 })
  t.equal(before.codes['annotation-invalid'], 1)
})

t.test('under the configuration of the other revision the differences are named', async (t) => {
  const kinds = 'namespaces,configmaps,services,nodes,mutatingwebhookconfigurations'
  const { items } = kubectl.get<{ items: readonly ClusterObject[] }>(kinds, '-A')
  const write = (name: string, objects: readonly object[]): string => {
    const folder = join(desk, name)
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'all.json'),
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    )
    return folder
  }
  t.match(replayed(captures, '--cluster', write('same', items)), { status: 0, same: 8 })

  // Like an in-place upgrade: the default revision gets the canary's configuration.
  const canary = ['istio-sidecar-injector-canary', 'istio-canary']
  const promoted = items.flatMap((object) => {
    const { name, labels } = object.metadata
    if (object.kind !== 'ConfigMap' || !/^istio(?:-sidecar-injector)?(?:-canary)?$/.test(name))
      return [object]
    if (!canary.includes(name)) return []
    const metadata = {
      ...object.metadata,
      name: name.replace('-canary', ''),
      labels: { ...labels, 'istio.io/rev': 'default' },
    }
    return [object, { ...object, metadata }]
  })
  const next = replayed(captures, '--cluster', write('next', promoted))
  const inShop = next.differs
  t.match(next, { status: 1, reviews: 8, errors: 0 })
  t.equal(inShop, 4, 'what the default revision injected; canary and the refused one are as before')
  t.match(
    next.groups.map(({ cause }) => cause).join('\n'),
    /pod: .*spec\.(?:initContainers|containers)\[istio-proxy\]/,
  )
})

t.test('the audit log names code, revision and configuration', async (t) => {
  const digest = (revision: string): string => {
    const { out } = remora('version', '--cluster', join(desk, 'same'))
    const row = out.split('\n').find((line) => line.startsWith(`${revision} `)) ?? ''
    return /\b[0-9a-f]{16}\b/.exec(row)?.[0] ?? `no digest in ${out}`
  }
  const annotationsOf = (pod: string): object => {
    const event = plane
      .auditEvents()
      .split('\n')
      .find((line) => line.includes(`"resource":"pods"`) && line.includes(`"name":"${pod}"`))
    // One event per line, as the API server writes them.
    const { annotations = {} } = JSON.parse(event ?? '{}') as { annotations?: Record<string, string> }
    return Object.fromEntries(
      Object.entries(annotations).flatMap(([key, value]) =>
        /sidecar-injector\.istio\.io\/(\w+)$/.test(key) ? [[key.replace(/.*\//, ''), value]] : [],
      ),
    )
  }
  t.same(annotationsOf('plain'), { code: 'injected', revision: 'default', configuration: digest('default') })
  t.same(annotationsOf('native'), { code: 'injected', revision: 'canary', configuration: digest('canary') })
  t.same(annotationsOf('bad'), {
    code: 'annotation-invalid',
    revision: 'default',
    configuration: digest('default'),
  })
})
