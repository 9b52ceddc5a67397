/** Codes that no other test covers, each with a healthy counterpart, and the check that a test names every code. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ClusterFacts, checkCluster, rules } from '../../../src/analysis/index.ts'
import { findingsAbout } from '../../../src/cli/explain-pod.ts'
import { codes as allCodes, describeCode } from '../../../src/inject/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { emptySnapshot } from '../../../src/revisions/index.ts'
import { namespace, object } from '../../revisions/cluster-objects.ts'
import {
  checkObjects,
  configMaps,
  factsOf,
  healthy,
  install,
  service,
  webhook,
  without,
  workload,
} from '../check/check-fixture.ts'
import { isReported, serverWarnings } from './server-warnings.ts'

const warningCodes = Object.keys(allCodes).filter((code) => describeCode(code)?.warns === true)

type Objects = Parameters<typeof checkObjects>[0]

/** `severity code object: message`, of findings of that code. */
function found(code: string, objects: Objects): readonly string[] {
  return checkObjects(objects)
    .findings.filter((finding) => finding.code === code)
    .map(({ severity, where, message }) => `${severity} ${where.object}: ${message}`)
}

t.test('a missing key of the injector ConfigMap is found (injector-config-key-missing)', async (t) => {
  const data = (config: JsonObject) => [
    ...without(configMaps('default'), 'ConfigMap', 'istio-sidecar-injector'),
    object(
      'v1',
      'ConfigMap',
      { name: 'istio-sidecar-injector', namespace: 'istio-system' },
      { data: config },
    ),
  ]
  t.same(found('injector-config-key-missing', data({ 'config.yaml': 'policy: enabled', values: '{}' })), [
    'error ConfigMap istio-system/istio-sidecar-injector: ConfigMap istio-sidecar-injector has no key config (keys: config.yaml, values)',
  ])
  t.match(found('injector-config-key-missing', data({})), [/\(keys: none\)$/])
  t.same(found('injector-config-key-missing', healthy), [])
  t.same(found('injector-config-key-missing', data({ config: 'policy: [' })), [], 'invalid is not missing')
})

function mutating(name: string, change: JsonObject = {}): Objects[number] {
  const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
  const one = {
    name: 'pods.example.com',
    clientConfig: { url: 'https://example.com' },
    rules: [rule],
    ...change,
  }
  return object(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    { name },
    { webhooks: [one] },
  )
}

t.test('a webhook that runs after the injector is found (webhook-after-injector)', async (t) => {
  const code = 'webhook-after-injector'
  t.same(found(code, [...healthy, mutating('vault')]), [
    'note MutatingWebhookConfiguration vault: it changes pods after istio-sidecar-injector, istio-sidecar-injector-canary, which is not called again (reinvocationPolicy Never)',
  ])
  t.same(found(code, [...healthy, mutating('a-first')]), [], 'it runs before')
  const services = { rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['services'] }] }
  t.same(found(code, [...healthy, mutating('vault', services)]), [], 'not for pods')
  const again = healthy.map((one) => {
    const { webhooks } = one.object as { webhooks?: readonly JsonObject[] }
    if (webhooks === undefined) return one
    const changed = webhooks.map((hook) => ({ ...hook, reinvocationPolicy: 'IfNeeded' }))
    return { ...one, object: { ...one.object, webhooks: changed } }
  })
  t.same(found(code, [...again, mutating('vault')]), [], 'the injector is called again')
})

t.test('a webhook of a different revision is found (called-for-other-revision)', async (t) => {
  const code = 'called-for-other-revision'
  const crossed = (revision: string) => [
    ...without(healthy, 'MutatingWebhookConfiguration', 'istio-sidecar-injector-canary'),
    webhook({
      name: 'istio-sidecar-injector-canary',
      labels: { 'istio.io/rev': revision },
      service: 'istiod',
      namespaceSelector: { matchLabels: { 'istio.io/rev': 'canary' } },
    }),
  ]
  t.same(found(code, crossed('default')), [
    'error Namespace bank: its labels select revision canary, but istio-sidecar-injector-canary calls the istiod of revision default',
  ])
  t.same(found(code, crossed('canary')), [])
})

t.test('a restart that changes the sidecar is found (restart-changes-sidecar)', async (t) => {
  const code = 'restart-changes-sidecar'
  const pod = (more: JsonObject, home = 'shop', metadata: JsonObject = {}) =>
    object(
      'v1',
      'Pod',
      { name: 'web', namespace: home, ...metadata },
      { spec: { containers: [{ name: 'web', image: 'web:1' }] }, ...more },
    )
  const status = { phase: 'Running' }
  t.same(found(code, [...healthy, pod({ status })]), [
    'warning Pod shop/web: creating it again would change its sidecar: sidecar none -> default',
  ])
  t.equal(
    found(code, [...healthy, pod({}, 'shop', { uid: '1' })]).length,
    1,
    'it is stored, and not scheduled yet',
  )
  t.same(found(code, [...healthy, pod({})]), [], 'a manifest that never ran')
  t.same(found(code, [...healthy, pod({ status: {} })]), [], 'kubectl writes an empty status, too')
  t.same(found(code, [...healthy, pod({ status }, 'plain')]), [], 'no sidecar before and after')
  t.same(found(code, [...healthy, pod({ status: { phase: 'Failed' } })]), [], 'it has ended')

  const spec = {
    containers: [{ name: 'istio-proxy', image: 'istio/proxyv2:1.28.3', args: ['proxy', 'sidecar'] }],
  }
  const injected = (revision: string) => ({
    annotations: {
      'sidecar.istio.io/status': JSON.stringify({ containers: ['istio-proxy'], revision }),
      'istio.io/rev': revision,
    },
  })
  const old = [...healthy, pod({ status, spec }, 'shop', injected('old'))]
  t.match(found(code, old), [
    /^note Pod shop\/web: creating it again would change its sidecar: revision old -> default/,
  ])
  t.same(found('restart-removes-sidecar', old), [], 'it has one afterwards')
  const losing = [...healthy, pod({ status, spec }, 'plain', injected('old'))]
  t.same(found('restart-removes-sidecar', losing), [
    'warning Pod plain/web: creating it again would change its sidecar: sidecar old -> none',
  ])
  t.same(found(code, losing), [])
})

t.test(
  'values that prevent the proxy from starting, and applications that start before it, are found',
  async (t) => {
    const verbose = { annotations: { 'sidecar.istio.io/logLevel': 'verbose' } }
    const debug = { annotations: { 'sidecar.istio.io/logLevel': 'debug' } }
    const breaks = 'annotation-value-breaks-proxy'
    t.same(found(breaks, [...healthy, workload('Deployment shop/web', 'shop', verbose)]), [
      'error Deployment shop/web: sidecar.istio.io/logLevel: verbose is passed on to the proxy, which does not start with it',
    ])
    t.same(found(breaks, [...healthy, workload('Deployment shop/web', 'shop', debug)]), [])
    t.same(found(breaks, [...healthy, workload('Deployment plain/web', 'plain', verbose)]), [], 'no proxy')

    const starts = 'application-starts-before-proxy'
    const template = 'spec: {containers: [{name: istio-proxy, image: "istio/proxyv2:1"}]}\n'
    const ordinary = [
      ...install('default', { template }),
      namespace('shop', { 'istio-injection': 'enabled' }),
    ]
    t.same(found(starts, [...ordinary, workload('Deployment shop/web', 'shop')]), [
      'note Deployment shop/web: revision default adds an ordinary sidecar without holdApplicationUntilProxyStarts: the first requests of the application may fail',
    ])
    t.same(
      found(starts, [...healthy, workload('Deployment shop/web', 'shop')]),
      [],
      'its proxy holds the application',
    )
    t.same(found(starts, [...healthy, service('web')]), [])
  },
)

t.test(
  'problems of reading keep their code, and those without a code are reported as an invalid configuration',
  async (t) => {
    const codes = ['cluster-update-failed', 'objects-left-out', 'rollout-invalid', 'something-new']
    const facts = new ClusterFacts({
      snapshot: emptySnapshot,
      options: {},
      problems: codes.map((code) => ({ code, message: `about ${code}` })),
      objects: new Map(),
      nowMs: 0,
      seed: 0,
    })
    const about = checkCluster(facts).findings.filter(({ message }) => message.startsWith('about'))
    t.same(about.map(({ code, message }) => `${code}: ${message}`).sort(), [
      'cluster-update-failed: about cluster-update-failed',
      'config-invalid: about something-new',
      'objects-left-out: about objects-left-out',
      'rollout-invalid: about rollout-invalid',
    ])
  },
)

const REWRITES = { sidecarInjectorWebhook: { rewriteAppHTTPProbe: true } }
const PROBED = [{ name: 'web', image: 'web:1', readinessProbe: { httpGet: { path: '/', port: 80 } } }]

t.test('check reports each warning of the server with the same code and message', async (t) => {
  const objects = [
    ...install('default', { values: REWRITES, labels: { 'app.kubernetes.io/version': '1.31.0' } }),
    ...install('canary'),
    namespace('shop', { 'istio-injection': 'enabled' }),
    namespace('bank', { 'istio.io/rev': 'canary' }),
    namespace('both', {
      'istio-injection': 'enabled',
      'istio.io/rev': 'canary',
      'istio-injectoin': 'enabled',
    }),
    object('v1', 'Namespace', {
      name: 'annotated',
      labels: { 'istio-injection': 'enabled' },
      annotations: { 'istio.io/rev': 'canary' },
    }),
  ]
  const injected = {
    'sidecar.istio.io/status': '{"containers":["istio-proxy"]}',
    'sidecar.istio.io/rewriteAppHTTPProbers': 'true',
  }
  const proxy = { name: 'istio-proxy', image: 'p:1', env: [{ name: 'ISTIO_KUBE_APP_PROBERS', value: '[' }] }
  const workloads = [
    workload('Deployment shop/fine', 'shop'),
    workload('Deployment shop/labels', 'shop', {
      labels: { 'istio.io/rev': 'canery', 'sidecar.istio.io/injec': 'true' },
    }),
    workload('Deployment shop/value', 'shop', { labels: { 'sidecar.istio.io/inject': 'yes' } }),
    workload('Deployment shop/annotations', 'shop', {
      annotations: {
        'istio.io/rev': 'canary',
        'sidecar.istio.io/proxyCpuLimits': '1',
        'sidecar.istio.io/inject': 'true',
        'prometheus.io/scrape': 'true',
        'prometheus.istio.io/scrape-targets': ':/a',
        'status.sidecar.istio.io/port': ' 15020',
      },
      spec: { containers: PROBED, dnsPolicy: 'Default' },
    }),
    workload('Deployment shop/again', 'shop', {
      annotations: injected,
      spec: { containers: [...PROBED, proxy] },
    }),
    workload('Deployment bank/other', 'bank', { labels: { 'istio.io/rev': 'default' } }),
    // Labels and settings of their own, so that the labels of the namespace do not decide alone.
    workload('Deployment both/plain', 'both'),
    workload('Deployment both/asks', 'both', { labels: { 'sidecar.istio.io/inject': 'true' } }),
    workload('Deployment both/revision', 'both', { labels: { 'istio.io/rev': 'canary' } }),
    workload('Deployment both/host', 'both', { spec: { hostNetwork: true } }),
    workload('Deployment annotated/host', 'annotated', { spec: { hostNetwork: true } }),
    // Rendered whole, and sent to an injector all the same.
    workload('Deployment shop/gateway', 'shop', {
      labels: { 'istio.io/rev': 'canary' },
      spec: { containers: [{ name: 'istio-proxy', image: 'p:1', args: ['proxy', 'router'] }] },
    }),
  ]
  const facts = factsOf(objects, { workloads })
  const report = checkCluster(facts)
  const warnings = facts
    .workloads()
    .flatMap((one) => serverWarnings(one, facts).map((warning) => ({ title: one.title, warning })))
  const lines = ({ title, warning }: (typeof warnings)[number]) => `${title}: ${warning}`
  t.same(warnings.filter(({ title, warning }) => !isReported(warning, title, report)).map(lines), [])
  for (const one of facts.workloads()) {
    const own = { findings: findingsAbout(one, facts) }
    t.same(
      serverWarnings(one, facts).filter((warning) => !isReported(warning, one.title, own)),
      [],
      one.title,
    )
  }
  const codes = new Set(warnings.map(({ warning }) => /\[([a-z-]+)\]$/.exec(warning)?.[1]))
  t.same([...codes].sort(), [...warningCodes].sort(), 'every code that warns')
  t.notOk(
    report.findings.some(
      ({ where, severity }) => where.object === 'Deployment shop/fine' && severity !== 'note',
    ),
    'a pod without mistakes',
  )
})

t.test('every code that a rule declares is named in a test', async (t) => {
  const folder = join(import.meta.dirname, '../..')
  const text = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    // The table of the public reports only runs where they are.
    .filter((file) => file.endsWith('.ts') && !file.endsWith('findings/reports.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n')
  const named = new Set(text.match(/[a-z]+(?:-[a-z]+)+/g))
  const codes = new Set<string>(rules.flatMap((rule) => rule.codes))
  t.same(
    [...codes].filter((code) => !named.has(code)),
    [],
  )
})
