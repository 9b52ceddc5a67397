/** `--dry-run=server` of explain, check, preview and inject, before an API server of the suite. */
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { collectVerdicts } from '../../src/cli/dry-run.ts'
import { LiveDryRun } from '../../src/cluster/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { type DryRunVerdict, notJudgedPod } from '../../src/kube/index.ts'
import { FakeApi, type FakeRequest } from '../cluster/live/fake-api.ts'
import { startLiveExample } from './live-example.ts'
import { runCommand, runWithInput } from './run-command.ts'

const KINDS = [
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets'].map((plural) => ['/apis/apps/v1', plural]),
  ...['jobs', 'cronjobs'].map((plural) => ['/apis/batch/v1', plural]),
  ...['pods', 'replicationcontrollers'].map((plural) => ['/api/v1', plural]),
] as const
/** In all namespaces, and in the one that the commands name. */
const PATHS = KINDS.flatMap(([root, plural]) => [`${root}/${plural}`, `${root}/namespaces/test-ns/${plural}`])
const DEPLOYMENTS = PATHS.filter((path) => path.endsWith('/deployments'))
t.setTimeout(300_000)

const LIVE = ['--cluster', 'live', '--dry-run=server']
const CODES = /api-server-refuses-pod|api-server-warns|dry-run-not-judged/
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
}

/** With the Deployment test-ns/web, which the default revision injects, and others of that namespace. */
async function start(t: Test, ...names: string[]): Promise<FakeApi> {
  const api = await startLiveExample(t, PATHS)
  for (const name of ['web', ...names]) {
    const metadata = { name, namespace: 'test-ns' }
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template } }
    for (const path of DEPLOYMENTS) api.put(path, object)
  }
  return api
}

interface SentPod {
  readonly metadata: JsonObject & { readonly labels?: JsonObject }
  readonly spec: {
    readonly containers: readonly { readonly name: string }[]
    readonly initContainers: readonly { readonly name: string }[]
  }
}

function sentPod({ body }: FakeRequest): SentPod {
  // The command writes a pod.
  return JSON.parse(body) as SentPod
}

const invalid = {
  status: 422,
  reason: 'Invalid',
  message: 'Pod "web-x7k2p" is invalid: ...',
  details: {
    name: 'web-x7k2p',
    causes: [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.initContainers[0].resources.requests',
        message: 'Invalid value: "3": must be less than or equal to cpu limit\u001b[2J',
      },
    ],
  },
}
const denied = (namespace: string) => ({
  status: 403,
  reason: 'Forbidden',
  message: `pods is forbidden: User "dev" cannot create resource "pods" in API group "" in the namespace "${namespace}"`,
})

t.test('a pod that the API server accepts: one request, and nothing is reported', async (t) => {
  const api = await start(t)
  const plain = await runCommand('explain', 'deployment/web', '-n', 'test-ns', '--cluster', 'live')
  t.equal(api.dryRuns().length, 0, 'not without the option')
  const { code, out, err } = await runCommand('explain', 'deployment/web', '-n', 'test-ns', ...LIVE)
  t.same({ code, out }, { code: plain.code, out: plain.out })
  t.equal(code, 0)
  t.equal(err, 'dry run of 1 injected pod by the API server: 1 accepted, 0 refused, 0 not judged\n')
  const [request, ...others] = api.dryRuns()
  t.equal(others.length, 0)
  if (request === undefined) return
  t.equal(request.path, '/api/v1/namespaces/test-ns/pods')
  t.equal(request.query.get('fieldValidation'), 'Warn')
  const { metadata, spec } = sentPod(request)
  t.ok(
    [...spec.containers, ...spec.initContainers].some(({ name }) => name === 'istio-proxy'),
    'with its sidecar',
  )
  t.equal(metadata['generateName'], 'web-')
  t.match(metadata['ownerReferences'], [{ kind: 'Deployment', name: 'web', uid: /./ }])
  t.notHas(metadata.labels, 'sidecar.istio.io/inject')
})

t.test(
  'a refusal is an error with field and message of Kubernetes, the same in explain and check',
  async (t) => {
    const api = await start(t, 'api')
    api.dryRun = () => ({ refusal: invalid })
    const explained = await runCommand('explain', 'deployment/web', '-n', 'test-ns', ...LIVE)
    t.equal(explained.code, 1)
    t.match(
      explained.out,
      /; error api-server-refuses-pod: the API server refuses the injected pod: container [a-z-]+: Invalid value: "3": must be less than or equal to cpu limit\\x1b\[2J\n {2}fix: Correct the field/,
    )
    t.match(explained.err, /: 0 accepted, 1 refused, 0 not judged\n$/)
    const checked = await runCommand('check', ...LIVE)
    t.equal(checked.code, 1)
    t.match(
      checked.out,
      /\nerror api-server-refuses-pod: Deployment test-ns\/api, test-ns\/web \(spec\.initContainers\[0\]\.resources\.requests\)\n/,
    )
    t.match(await runCommand('explain', 'namespace', 'test-ns', ...LIVE), {
      out: /api-server-refuses-pod/,
      code: 1,
    })
    const silent = await runCommand(
      'preview',
      '--to',
      'canary',
      '-n',
      'test-ns',
      '--cluster',
      'live',
      '-o',
      'json',
    )
    t.notMatch(silent.out + silent.err, CODES, 'neither found nor missed without the option')
  },
)

t.test(
  'a full quota is a warning, because running pods use it; warnings of the API server are notes',
  async (t) => {
    const api = await start(t)
    const quota = 'exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3'
    api.dryRun = () => ({
      refusal: {
        status: 403,
        reason: 'Forbidden',
        message: `pods "web-x" is forbidden: ${quota}`,
        details: { name: 'web-x' },
      },
    })
    const full = await runCommand('explain', 'deployment/web', '-n', 'test-ns', ...LIVE, '-o', 'json')
    const findings = (out: string): readonly JsonObject[] =>
      JSON.parse(out).findings.filter(({ code }: { code: string }) => CODES.test(code))
    t.match(findings(full.out), [
      {
        severity: 'warning',
        message: `the API server refuses one more pod: ${quota}`,
        fix: /^Raise the quota/,
      },
    ])
    api.dryRun = () => ({ warnings: ['299 - "unknown field \\"spec.x\\""'] })
    const warned = await runCommand('explain', 'deployment/web', '-n', 'test-ns', ...LIVE, '-o', 'json')
    t.match(findings(warned.out), [
      { severity: 'note', code: 'api-server-warns', message: /with a warning: unknown field "spec\.x"$/ },
    ])
  },
)

t.test('without a verdict the pod is not judged, which is not fine', async (t) => {
  const api = await start(t, 'api')
  api.dryRun = () => ({ refusal: denied('test-ns') })
  const explained = await runCommand('explain', 'deployment/web', '-n', 'test-ns', ...LIVE)
  t.equal(explained.code, 1)
  t.match(
    explained.out,
    /; warning dry-run-not-judged: not judged by the API server: pods is forbidden: User "dev"/,
  )
  t.notMatch(explained.out, /no problem found|api-server-refuses-pod/)
  t.match(await runCommand('check', ...LIVE), {
    code: 0,
    out: /\nwarning dry-run-not-judged: Deployment test-ns\/api, test-ns\/web\n/,
    err: /: 0 accepted, 0 refused, 2 not judged\n$/,
  })
})

t.test(
  'under another revision than the labels choose, the pod opts out of its present webhook',
  async (t) => {
    const api = await start(t)
    const forbidden = `admission webhook "policy" denied the request: sidecar.istio.io/inject may not be false`
    api.dryRun = () => ({ refusal: { status: 403, reason: '', message: forbidden } })
    const checked = await runCommand('check', ...LIVE, '--revision', 'canary')
    t.match(checked.out, /\nerror api-server-refuses-pod: Deployment test-ns\/web\n/)
    t.match(checked.out, /fix +If a policy forbids the label sidecar\.istio\.io\/inject=false, ignore this/)
    const previewed = await runCommand('preview', '--to', 'canary', '-n', 'test-ns', ...LIVE)
    t.match(previewed.out, /error api-server-refuses-pod: Deployment test-ns\/web\n/)
    t.same(
      api.dryRuns().map((request) => sentPod(request).metadata.labels?.['sidecar.istio.io/inject']),
      ['false', 'false'],
    )
  },
)

t.test('inject prints only what the API server accepts; a file wins over the cluster', async (t) => {
  const api = await start(t)
  const changed = { ...template, spec: { containers: [{ name: 'changed', image: 'web:2' }] } }
  const metadata = { name: 'web', namespace: 'test-ns' }
  const manifest = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template: changed } }
  const run = (...args: string[]) => runWithInput([...args, '-f', '-', ...LIVE], JSON.stringify(manifest))
  t.match(await run('inject'), { code: 0, out: /istio-proxy/ })
  api.dryRun = () => ({ refusal: invalid })
  t.match(await run('inject'), {
    code: 1,
    out: '',
    err: /\nDeployment test-ns\/web: api-server-refuses-pod: spec\.initContainers\[0\]\.resources\.requests: Invalid value/,
  })
  api.dryRun = () => ({ refusal: denied('test-ns') })
  t.match(await run('inject', '--revision', 'canary'), {
    code: 2,
    out: '',
    err: /\nDeployment test-ns\/web: dry-run-not-judged: pods is forbidden/,
  })
  t.match(await run('explain'), { code: 1, out: /dry-run-not-judged/ })
  for (const request of api.dryRuns())
    t.ok(sentPod(request).spec.containers.some(({ name }) => name === 'changed'))
  t.same(
    api.dryRuns().map((request) => sentPod(request).metadata.labels?.['sidecar.istio.io/inject']),
    [undefined, undefined, 'false', undefined],
  )
})

t.test('what is supported is said: none and server, and server only with an API server', async (t) => {
  const folder = join(resolve(import.meta.dirname, '../..'), 'examples/canary-upgrade/cluster')
  const manifest = join(folder, 'namespaces.yaml')
  for (const command of [
    ['check'],
    ['explain', 'namespace', 'test-ns'],
    ['preview', '--to', 'canary'],
    ['inject', '-f', manifest],
  ])
    t.match(await runCommand(...command, '--cluster', folder, '--dry-run=server'), {
      code: 2,
      out: '',
      err: /^remora: --dry-run=server asks an API server, so it needs --cluster live, but --cluster is the folder "/,
    })
  t.match(await runCommand('check', '--dry-run=client'), {
    code: 2,
    err: /^remora: --dry-run: "client" is not none or server: what can be checked without/,
  })
  t.match(await runCommand('check', '--dry-run=sever'), { code: 2, err: /did you mean server\?/ })
  t.match(await runCommand('check', '--help'), { out: /--dry-run none\|server/ })
})

t.test('an API server that does not answer, or is not there', async (t) => {
  const api = await FakeApi.start([])
  const server = new LiveDryRun({}, api, 20)
  t.teardown(() => server.close())
  const { signal } = new AbortController()
  api.fail('hang', () => true)
  t.match(await server.create('shop', {}, signal), { kind: 'not-judged', why: /no response within 20 ms/ })
  const patient = new LiveDryRun({}, api)
  api.fail('garbage', () => true)
  t.match(await patient.create('shop', {}, signal), { kind: 'not-judged', concerns: 'pod' })
  t.same(await patient.create('shop', {}, signal), { kind: 'accepted', warnings: [] })
  await api.kill()
  t.match(await patient.create('shop', {}, signal), { kind: 'not-judged', concerns: 'server' })
})

const pods = (count: number, namespace = 'shop') =>
  Array.from({ length: count }, (_, index) => ({ key: `${namespace}/${index}`, namespace, pod: () => ({}) }))
const limits = { atOnce: 3, pods: 100, totalMs: 600_000, unanswered: 3 }

function countOf(verdicts: ReadonlyMap<string, DryRunVerdict>) {
  return [...verdicts.values()].reduce<Record<string, number>>((counts, { kind }) => {
    counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }, {})
}

t.test(
  'requests are limited: at once, in number, in a namespace without permission, without answers',
  async (t) => {
    let [open, most, asked] = [0, 0, 0]
    const answering = (answer: (namespace: string) => DryRunVerdict) => {
      ;[open, most, asked] = [0, 0, 0]
      return {
        async create(namespace: string): Promise<DryRunVerdict> {
          asked++
          most = Math.max(most, ++open)
          await new Promise((resolve) => setImmediate(resolve))
          open--
          return answer(namespace)
        },
      }
    }
    const accepted = (): DryRunVerdict => ({ kind: 'accepted', warnings: [] })

    const few = await collectVerdicts([...pods(20), ...pods(20)], answering(accepted), limits)
    t.same({ most, asked, ...countOf(few) }, { most: 3, asked: 20, accepted: 20 }, 'each once')

    const many = await collectVerdicts(pods(20), answering(accepted), { ...limits, pods: 5 })
    t.same({ asked, ...countOf(many) }, { asked: 5, accepted: 5, 'not-judged': 15 })
    t.match(
      [...many.values()].find(({ kind }) => kind === 'not-judged'),
      { why: /^only 5 pods are sent at a time/ },
    )

    const skipped = pods(3).map((one) => ({ ...one, pod: () => undefined }))
    t.equal((await collectVerdicts(skipped, answering(accepted), limits)).size, 0)

    const half = answering((namespace) =>
      namespace === 'bank' ? notJudgedPod('no', 'namespace') : accepted(),
    )
    const rights = await collectVerdicts([...pods(20, 'bank'), ...pods(20)], half, limits)
    t.same(countOf(rights), { accepted: 20, 'not-judged': 20 })
    t.ok(asked <= 20 + limits.atOnce, `${asked} requests`)

    const dead = await collectVerdicts(
      pods(50),
      answering(() => notJudgedPod('gone', 'server')),
      limits,
    )
    t.same(countOf(dead), { 'not-judged': 50 })
    t.ok(asked <= limits.unanswered + limits.atOnce, `${asked} requests`)
    t.ok([...dead.values()].every((verdict) => verdict.kind === 'not-judged' && verdict.why === 'gone'))

    const slow = { create: (_: string, __: JsonObject, signal: AbortSignal) => aborted(signal) }
    const late = await collectVerdicts(pods(10), slow, { ...limits, totalMs: 10 })
    t.same(countOf(late), { 'not-judged': 10 })
    t.match([...late.values()].at(-1), { why: 'the API server needed more than 0.01 s for all pods' })
  },
)

async function aborted(signal: AbortSignal): Promise<DryRunVerdict> {
  // The timer of the signal alone does not keep the process alive.
  const wait = setInterval(() => {}, 1_000)
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  clearInterval(wait)
  return notJudgedPod('given up', 'server')
}
