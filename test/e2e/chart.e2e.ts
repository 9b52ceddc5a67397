/**
 * The chart and its README with a real API server, without a server behind the webhooks: `node
 * test/e2e/chart.e2e.ts`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { findBinaries } from './harness/binaries.ts'
import { startControlPlane } from './harness/control-plane.ts'
import { Kubectl } from './harness/kubectl.ts'
import { waitFor } from './harness/process.ts'

const chart = new URL('../../charts/remora', import.meta.url).pathname
const NAMESPACE = 'remora-system'
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:remora`
const CONFIGURATION = 'remora-sidecar-injector'

interface Webhook {
  readonly name: string
  readonly clientConfig: { readonly caBundle?: string }
  readonly namespaceSelector: object
  readonly objectSelector: object
}

const binaries = findBinaries()
const plane = await startControlPlane(binaries)
t.setTimeout(180_000)
t.teardown(() => plane.stop())
const { kubectl } = plane
const helm = new Kubectl(binaries.helm, plane.kubeconfig)
const folder = mkdtempSync(join(tmpdir(), 'remora-chart-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const values = {
  revisions: [{ name: 'default' }, { name: 'canary', active: true }],
  tags: [{ name: 'prod', revision: 'canary', active: true }],
  registration: {
    enableNamespacesByDefault: true,
    injectionPath: { cluster: 'west', net: 'a/b' },
    matchConditions: [{ name: 'no-ci', expression: "!('ci' in object.metadata.labels)" }],
  },
  networkPolicy: { enabled: true, metricsFrom: [{ namespaceSelector: {} }] },
  metrics: { dashboard: { enabled: true } },
  profile: { install: [{ revision: 'canary', tag: '1.30.3' }] },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
  ],
}
const valuesFile = join(folder, 'values.json')
writeFileSync(valuesFile, JSON.stringify(values))
const release = ['remora', chart, '-n', NAMESPACE, '-f', valuesFile] as const

function webhooks(name = CONFIGURATION): readonly Webhook[] {
  return kubectl.get<{ webhooks: readonly Webhook[] }>('mutatingwebhookconfiguration', name).webhooks
}

/** Writes only the caBundles, with the server's field manager. */
function fillCaBundles(name: string): void {
  const caBundle = readFileSync(plane.caFile).toString('base64')
  const patch = webhooks(name).map((_, index) => ({
    op: 'add',
    path: `/webhooks/${index}/clientConfig/caBundle`,
    value: caBundle,
  }))
  kubectl.run(
    ...['patch', 'mutatingwebhookconfiguration', name, '--type=json', '--field-manager=remora'],
    ...['-p', JSON.stringify(patch)],
  )
}

const neverMatch = { matchLabels: { 'istio.io/deactivated': 'never-match' } }

t.test('the chart is installed, and its pods are admitted under the restricted standard', async (t) => {
  kubectl.run('create', 'namespace', 'istio-system')
  kubectl.run('create', 'namespace', NAMESPACE)
  kubectl.run('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted')
  const output = helm.run('install', ...release)
  t.match(output, /remora-sidecar-injector +revision default +never matches/)
  t.match(output, /remora-revision-tag-prod +tag prod \(canary\) +active/)
  await waitFor('both pods', () =>
    kubectl.get<{ items: unknown[] }>('pods', '-n', NAMESPACE).items.length === 2 ? true : undefined,
  )
})

t.test(
  'another field manager that applies the same manifests finds no difference and no conflict',
  async (t) => {
    for (const name of [CONFIGURATION, `${CONFIGURATION}-canary`, 'remora-revision-tag-prod'])
      fillCaBundles(name)
    kubectl.run(
      ...['patch', 'secret', 'remora-ca', '-n', NAMESPACE, '--type=merge', '--field-manager=remora'],
      ...['-p', '{"data":{"ca.crt":"YQ=="}}'],
    )
    const { major, minor } = JSON.parse(kubectl.run('get', '--raw', '/version'))
    const rendered = helm.run('template', ...release, '--no-hooks', '--kube-version', `${major}.${minor}.0`)
    const apply = ['--server-side', '--field-manager=gitops', '-f', '-']
    const diff = kubectl.tryWith(rendered, 'diff', ...apply)
    t.match(diff, { status: 0, stdout: '' }, diff.stderr)
    t.match(kubectl.tryWith(rendered, 'apply', ...apply), { status: 0 }, 'no conflict')
    t.ok(
      webhooks().every(({ clientConfig }) => clientConfig.caBundle !== undefined),
      'the caBundles stay',
    )
    t.match(kubectl.get('secret', 'remora-ca', '-n', NAMESPACE), { data: { 'ca.crt': 'YQ==' } })
  },
)

t.test('an upgrade activates, a rollback deactivates, and caBundle and CA outlast both', async (t) => {
  t.same(
    webhooks().map(({ namespaceSelector }) => namespaceSelector),
    Array(5).fill(neverMatch),
  )
  helm.run('upgrade', ...release, '--set-json', 'revisions=[{"name":"default","active":true}]')
  for (const { name, clientConfig, namespaceSelector, objectSelector } of webhooks()) {
    t.ok(clientConfig.caBundle, name)
    t.notMatch(JSON.stringify([namespaceSelector, objectSelector]), /deactivated/)
  }
  t.equal(kubectl.try('get', 'mutatingwebhookconfiguration', `${CONFIGURATION}-canary`).status, 1)
  helm.run('rollback', 'remora', '1', '-n', NAMESPACE)
  for (const { clientConfig, namespaceSelector, objectSelector } of webhooks()) {
    t.ok(clientConfig.caBundle)
    t.same([namespaceSelector, objectSelector], [neverMatch, neverMatch])
  }
  t.match(kubectl.get('secret', 'remora-ca', '-n', NAMESPACE), { data: { 'ca.crt': 'YQ==' } })
})

t.test("the server's service account has exactly the permissions that it needs", async (t) => {
  const may = (...what: readonly string[]) =>
    kubectl.try('auth', 'can-i', ...what, `--as=${ACCOUNT}`).stdout.trim() === 'yes'
  for (const resource of [
    ...['namespaces', 'configmaps', 'services', 'nodes', 'deployments.apps'],
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  ]) {
    t.ok(may('watch', resource, '-A'), resource)
    t.notOk(may('update', resource, '-A'), resource)
  }
  t.ok(may('patch', `mutatingwebhookconfigurations/${CONFIGURATION}`))
  t.notOk(may('patch', 'mutatingwebhookconfigurations/istio-sidecar-injector'))
  t.notOk(may('get', `mutatingwebhookconfigurations/${CONFIGURATION}`), 'it is listed and watched')
  t.notOk(may('delete', `mutatingwebhookconfigurations/${CONFIGURATION}`))
  t.ok(may('update', 'secrets/remora-ca', '-n', NAMESPACE))
  for (const name of ['remora-last-good-0', 'remora-last-good-1', 'remora-heartbeats']) {
    t.ok(may('get', `secrets/${name}`, '-n', NAMESPACE), name)
    t.ok(may('patch', `secrets/${name}`, '-n', NAMESPACE), name)
    t.notOk(may('delete', `secrets/${name}`, '-n', NAMESPACE), name)
  }
  for (const what of ['get', 'list', 'create', 'delete'])
    t.notOk(may(what, 'secrets', '-n', NAMESPACE), `${what} secrets`)
  t.notOk(may('get', 'secrets/remora-ca', '-n', 'istio-system'))
  t.ok(may('create', 'events', '-n', 'istio-system'))
  t.notOk(may('create', 'pods', '-n', NAMESPACE))
})

t.test(
  "the README's command deactivates a configuration of istiod's, however many webhooks it has",
  async (t) => {
    const readme = readFileSync(join(chart, 'README.md'), 'utf8')
    const command = /^ *name=istio-sidecar-injector\n([\s\S]*?)^ *```$/m.exec(readme)?.[1] ?? ''
    for (const prefixes of [
      ['rev.namespace.', 'rev.object.'],
      ['rev.namespace.', 'rev.object.', 'namespace.', 'object.', 'auto.'],
    ]) {
      const name = `istio-sidecar-injector-${prefixes.length}`
      kubectl.apply({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name },
        webhooks: prefixes.map((prefix) => ({
          name: `${prefix}sidecar-injector.istio.io`,
          clientConfig: { service: { name: 'istiod', namespace: 'istio-system' } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          namespaceSelector: { matchExpressions: [{ key: 'istio.io/rev', operator: 'Exists' }] },
        })),
      })
      const ran = spawnSync('sh', ['-c', `name=${name}\n${command}`], {
        encoding: 'utf8',
        cwd: join(chart, '../..'),
        env: {
          ...process.env,
          KUBECONFIG: plane.kubeconfig,
          PATH: `${dirname(binaries.kubectl)}:${process.env['PATH'] ?? ''}`,
        },
      })
      t.equal(ran.status, 0, ran.stderr)
      const found = webhooks(name)
      t.equal(found.length, prefixes.length)
      for (const { namespaceSelector, objectSelector } of found)
        t.same([namespaceSelector, objectSelector], [neverMatch, neverMatch])
      kubectl.run('delete', 'mutatingwebhookconfiguration', name)
    }
  },
)

t.test('the CRD accepts valid rollouts and refuses invalid ones', async (t) => {
  const crd = helm.run('template', 'remora', chart, '-s', 'templates/crd.yaml', '--set', 'crds.install=true')
  kubectl.runWith(crd, 'apply', '-f', '-')
  const kind = 'crd/revisionrollouts.remora.dev'
  kubectl.run('wait', kind, '--for=condition=Established', '--timeout=60s')
  const shares = { from: { revision: 'old' }, to: { revision: 'new' } }
  const basic = { ...shares, percent: 5 }
  const create = (name: string, spec: object) =>
    kubectl.tryWith(
      JSON.stringify({
        apiVersion: 'remora.dev/v1alpha1',
        kind: 'RevisionRollout',
        metadata: { name },
        spec,
      }),
      ...['create', '-f', '-'],
    )
  await waitFor('the kind to be served', () => (create('basic', basic).status === 0 ? true : undefined))
  const steps = (...list: readonly object[]) => ({ ...shares, steps: list })
  const exclude = [{ namespace: 'a', kind: 'Deployment', name: 'b' }]
  const decimal = create('decimal', { ...basic, percent: '0.5', seed: 'x', exclude, gateways: 'include' })
  t.equal(decimal.status, 0, decimal.stderr)
  const stepped = create('stepped', steps({ percent: 5 }, { pause: { for: '1h' } }, { percent: '25.5' }))
  t.equal(stepped.status, 0, stepped.stderr)
  const wrong: readonly (readonly [object, RegExp])[] = [
    [shares, /exactly one of percent and steps/],
    [{ ...basic, ...steps({ percent: 5 }) }, /exactly one of percent and steps/],
    [{ ...basic, to: { revision: 'old' } }, /nothing would move/],
    [{ ...basic, from: { revision: 'a', tag: 'b' } }, /exactly one of revision and tag/],
    [{ ...basic, from: {} }, /exactly one of revision and tag/],
    [{ ...basic, percent: 101 }, /spec\.percent/],
    [{ ...basic, percent: '0.005' }, /spec\.percent/],
    [steps({ percent: 25 }, { percent: 5 }), /larger than the one before/],
    [steps({ percent: 25 }, { percent: 25 }), /differ/],
    [steps({ percent: 0 }), /larger than 0/],
    [steps({ pause: {} }), /at least one step/],
    [steps({ percent: 1, pause: {} }), /exactly one of percent and pause/],
    [steps({ wait: {} }), /unknown field/],
    [{ ...basic, percnet: 5 }, /unknown field/],
    [{ ...basic, seed: 'a/b' }, /spec\.seed/],
    [{ ...basic, gateways: 'maybe' }, /spec\.gateways/],
    [{ ...basic, exclude: [{ namespace: 'a' }] }, /spec\.exclude\[0\]/],
  ]
  for (const [spec, message] of wrong) t.match(create('wrong', spec).stderr, message, JSON.stringify(spec))
  const patch = (spec: object) =>
    kubectl.try('patch', 'rrl', 'basic', '--type=merge', '-p', JSON.stringify({ spec }))
  t.equal(patch({ percent: 25 }).status, 0)
  t.match(patch({ to: { revision: 'other' } }).stderr, /to cannot be changed/)
  t.match(patch({ seed: 'y' }).stderr, /seed cannot be changed/)
  t.match(kubectl.run('get', 'rrl', 'basic'), /FROM +TO +STEP +PERCENT .*\nbasic +old +new +25 /)
  kubectl.run('delete', kind)
})

t.test('uninstalling leaves nothing that affects pods', async (t) => {
  helm.run('uninstall', 'remora', '-n', NAMESPACE)
  t.equal(kubectl.run('get', 'mutatingwebhookconfigurations', '-o', 'name'), '')
  t.notMatch(kubectl.run('get', 'clusterroles,clusterrolebindings', '-o', 'name'), /remora/)
  t.notMatch(kubectl.run('get', 'configmaps', '-n', 'istio-system', '-o', 'name'), /istio-canary/)
})
