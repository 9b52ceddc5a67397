/** The Deployment, its availability, permissions and monitoring, and Remora's own profile. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { planLastGood, planTls, readOptions, SERVE_OPTIONS } from '../../src/config/index.ts'
import { isObject, type JsonObject, type JsonValue } from '../../src/json/index.ts'
import {
  at,
  chart,
  helm,
  helmMissing,
  listAt,
  type Rendered,
  render,
  renderNotes,
  textAt,
  tryRender,
} from './helm.ts'

const full: JsonObject = {
  revisions: [{ name: 'default' }, { name: 'canary', active: true }],
  tags: [{ name: 'prod', revision: 'canary' }],
  autoscaling: { enabled: true },
  networkPolicy: { enabled: true, egress: [{ ports: [{ port: 443, protocol: 'TCP' }] }] },
  metrics: {
    serviceMonitor: { enabled: true },
    prometheusRule: { enabled: true },
    dashboard: { enabled: true },
  },
  profile: { install: [{ revision: 'default' }, { revision: 'canary', tag: '1.31.0' }] },
}

function podSpec(rendered: Rendered): JsonValue | undefined {
  return at(rendered.one('Deployment'), 'spec', 'template', 'spec')
}
function argsOf(rendered: Rendered): readonly string[] {
  return listAt(podSpec(rendered), 'containers', 0, 'args').map(String)
}

/** As the server reads them at its start, with what options mean together. */
function readArgs(args: readonly string[]) {
  t.equal(args[0], 'serve')
  const options = readOptions(SERVE_OPTIONS, { args: args.slice(1), env: {} })
  return { options, tls: planTls(options), lastGood: planLastGood(options) }
}

t.test('the chart renders the workload', { skip: helmMissing }, async (t) => {
  t.test('helm lint reports nothing, whatever is enabled', async (t) => {
    const everything = Object.entries(full).flatMap(([key, value]) => [
      '--set-json',
      `${key}=${JSON.stringify(value)}`,
    ])
    for (const args of [[], ['-f', `${chart}/values-ha.yaml`], everything]) {
      const { status, stdout, stderr } = helm('lint', chart, '--strict', ...args)
      t.equal(status, 0, stdout + stderr)
      t.notMatch(stdout, /WARNING|ERROR/)
    }
  })

  t.test('the server accepts the options that the chart passes', async (t) => {
    const { options, tls } = readArgs(argsOf(render()))
    t.match(tls, {
      kind: 'self',
      secret: { namespace: 'remora-system', name: 'remora-ca' },
      service: { namespace: 'remora-system', name: 'remora' },
    })
    t.match(options, {
      cluster: 'live',
      host: '0.0.0.0',
      port: 8443,
      'metrics-port': 8080,
      'drain-delay': 5000,
      'drain-timeout': 10_000,
      'log-level': 'info',
      'label-revision': false,
      warnings: 'on',
      'webhook-configurations': ['remora-sidecar-injector'],
    })
    const args = argsOf(
      render({
        release: 'x',
        values: {
          ...full,
          server: {
            host: '::',
            labelRevision: true,
            warnings: false,
            istiodEnv: ['canary:ENABLE_NATIVE_SIDECARS=true', 'A=b c'],
            istioVersions: ['canary:1.30.3'],
            logLevel: 'debug',
          },
          extraArgs: ['--max-connections=64'],
        },
      }),
    )
    for (const arg of [
      '--tls=self',
      '--tls-secret=remora-system/x-remora-ca',
      '--service-name=remora-system/x-remora',
      '--webhook-configurations=remora-sidecar-injector,remora-sidecar-injector-canary,remora-revision-tag-prod',
      '--label-revision',
      '--warnings=off',
    ]) {
      t.ok(args.includes(arg), arg)
    }
    t.match(readArgs(args).options, {
      host: '::',
      'max-connections': 64,
      'istiod-env': [{ revision: 'canary' }, { name: 'A', value: 'b c' }],
      'istio-version': [{ revision: 'canary', version: '1.30.3' }],
    })
    const files = render({
      values: {
        tls: {
          mode: 'files',
          files: {
            caBundle: Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64'),
            secretName: 'own',
          },
        },
      },
    })
    t.match(readArgs(argsOf(files)).options, {
      'tls-cert-file': '/etc/remora/tls/tls.crt',
      'tls-key-file': '/etc/remora/tls/tls.key',
    })
    t.notMatch(argsOf(files).join(' '), /tls-secret|service-name|webhook-configurations/)
    const healed = render({ values: { tls: { mode: 'files', files: { caKey: 'ca.crt' } } } })
    for (const arg of [
      '--tls-ca-file=/etc/remora/tls/ca.crt',
      '--webhook-configurations=remora-sidecar-injector',
    ]) {
      t.ok(argsOf(healed).includes(arg), arg)
    }
    t.match(JSON.stringify(healed.all('ClusterRole')), '"patch"')
    t.equal(
      at(healed.one('MutatingWebhookConfiguration'), 'webhooks', 0, 'clientConfig', 'caBundle'),
      undefined,
    )
    t.match(at(podSpec(files), 'volumes', 1), { name: 'tls', secret: { secretName: 'own' } })
    const secrets = files.all('Secret').map((secret) => textAt(secret, 'metadata', 'name'))
    t.notOk(secrets.includes('remora-ca'), 'nothing of the CA where files are mounted')
  })

  t.test('for last good configurations the chart renders Secrets without data and the options', async (t) => {
    const rendered = render()
    const names = ['remora-last-good-0', 'remora-last-good-1', 'remora-heartbeats']
    for (const name of names)
      t.match(rendered.one('Secret', name), { type: 'Opaque', data: undefined, stringData: undefined })
    const { lastGood } = readArgs(argsOf(rendered))
    t.same(lastGood, {
      secrets: names.slice(0, 2).map((name) => ({ namespace: 'remora-system', name })),
      heartbeatSecret: { namespace: 'remora-system', name: 'remora-heartbeats' },
      waitMs: 300_000,
    })
    const more = render({ values: { lastGood: { secrets: 3, waitSeconds: 60 } } })
    t.match(readArgs(argsOf(more)).lastGood, { waitMs: 60_000, secrets: { length: 3 } })
    const off = render({ values: { lastGood: { enabled: false } } })
    t.equal(readArgs(argsOf(off)).lastGood, undefined)
    t.notMatch(JSON.stringify([...off.all('Secret'), ...off.all('Role')]), /last-good|heartbeats/)
    t.not(tryRender({ values: { lastGood: { secrets: 0 } } }).status, 0)
  })

  t.test('its pods are ignored by every injector', async (t) => {
    const rendered = render({ values: { podLabels: { 'sidecar.istio.io/inject': 'true', team: 'mesh' } } })
    const labels = at(rendered.one('Deployment'), 'spec', 'template', 'metadata', 'labels')
    t.match(labels, { 'sidecar.istio.io/inject': 'false', team: 'mesh' })
    t.match(at(rendered.one('Pod'), 'metadata', 'labels'), { 'sidecar.istio.io/inject': 'false' })
    const selector = at(rendered.one('Service'), 'spec', 'selector')
    t.match(labels, isObject(selector) ? selector : {})
    t.not(
      at(rendered.one('Pod'), 'metadata', 'labels', 'app.kubernetes.io/name'),
      at(selector, 'app.kubernetes.io/name'),
      'the Service sends no review to the test pod',
    )
  })

  t.test('pods satisfy the restricted Pod Security Standard with a read-only root file system', async (t) => {
    const rendered = render({ values: full })
    for (const spec of [podSpec(rendered), at(rendered.one('Pod'), 'spec')]) {
      t.match(at(spec, 'securityContext'), {
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      for (const container of listAt(spec, 'containers')) {
        t.same(at(container, 'securityContext'), {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        t.ok(at(container, 'resources', 'requests'))
      }
      t.equal(at(spec, 'hostNetwork'), undefined)
      t.equal(at(spec, 'enableServiceLinks'), false)
    }
  })

  t.test(
    'the termination grace period covers preStop and draining, and probes use the plain port',
    async (t) => {
      for (const drain of [{}, { preStopSeconds: 0, delaySeconds: 20, timeoutSeconds: 40 }]) {
        const rendered = render({ values: { server: { drain } } })
        const spec = podSpec(rendered)
        const { options } = readArgs(argsOf(rendered))
        const preStop = at(spec, 'containers', 0, 'lifecycle', 'preStop', 'sleep', 'seconds') ?? 0
        const needed = Number(preStop) + (options['drain-delay'] + options['drain-timeout']) / 1000
        const grace = Number(at(spec, 'terminationGracePeriodSeconds'))
        t.ok(grace >= needed + 2 && grace <= needed + 10, `${grace} s for ${needed} s`)
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
          const path = probe === 'readinessProbe' ? '/readyz' : '/healthz'
          t.match(at(spec, 'containers', 0, probe, 'httpGet'), { path, port: 'http-metrics' })
        }
      }
      const old = render({ args: ['--kube-version', '1.28.0'] })
      t.same(at(podSpec(old), 'containers', 0, 'lifecycle', 'preStop'), { exec: { command: ['sleep', '5'] } })
    },
  )

  t.test('replicas are spread over nodes and have a disruption budget', async (t) => {
    const rendered = render()
    t.equal(at(rendered.one('Deployment'), 'spec', 'replicas'), 2)
    t.equal(at(rendered.one('PodDisruptionBudget'), 'spec', 'maxUnavailable'), 1)
    t.ok(
      at(podSpec(rendered), 'affinity', 'podAntiAffinity', 'preferredDuringSchedulingIgnoredDuringExecution'),
    )
    t.equal(at(rendered.one('Deployment'), 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable'), 0)
    const ha = render({ args: ['-f', `${chart}/values-ha.yaml`] })
    t.equal(
      at(ha.one('Deployment'), 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable'),
      1,
      'three nodes are enough',
    )
    t.equal(at(ha.one('Deployment'), 'spec', 'replicas'), 3)
    const selector = { matchLabels: at(ha.one('Service'), 'spec', 'selector') }
    t.match(
      at(podSpec(ha), 'affinity', 'podAntiAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 0),
      { topologyKey: 'kubernetes.io/hostname', labelSelector: selector },
    )
    t.match(at(podSpec(ha), 'topologySpreadConstraints', 0), {
      topologyKey: 'topology.kubernetes.io/zone',
      labelSelector: selector,
    })
    t.equal(at(podSpec(ha), 'priorityClassName'), 'system-cluster-critical')
    const scaled = render({ values: { ...full, podDisruptionBudget: { minAvailable: '50%' } } })
    t.equal(at(scaled.one('Deployment'), 'spec', 'replicas'), undefined, 'the autoscaler decides')
    t.match(at(scaled.one('HorizontalPodAutoscaler'), 'spec'), { minReplicas: 2, maxReplicas: 6 })
    t.same(at(scaled.one('PodDisruptionBudget'), 'spec', 'minAvailable'), '50%')
    t.equal(at(scaled.one('PodDisruptionBudget'), 'spec', 'maxUnavailable'), undefined)
  })

  t.test('the image is named by digest or tag, with no default registry', async (t) => {
    const image = (values: JsonObject) =>
      textAt(podSpec(render({ values: { image: values } })), 'containers', 0, 'image')
    const version: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    t.match(version, { version: image({}).slice('remora:'.length) })
    const digest = `sha256:${'a'.repeat(64)}`
    t.equal(image({ tag: 'x', digest }), `remora@${digest}`)
    t.not(tryRender({ values: { image: { digest: 'abc' } } }).status, 0)
  })

  t.test(
    'its permissions are to read what affects injection and to write its own webhooks, Secret and Events',
    async (t) => {
      const rendered = render({ values: full })
      const rules = rendered
        .all('ClusterRole')
        .filter((role) => !textAt(role, 'metadata', 'name').endsWith('-test'))
      t.equal(rules.length, 1)
      const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection', '*'])
      const granted = (object: JsonObject | undefined): readonly string[] =>
        listAt(object, 'rules').flatMap((rule) =>
          listAt(rule, 'resources').flatMap((resource) =>
            listAt(rule, 'verbs')
              .filter((verb) => writing.has(String(verb)) || resource === 'secrets')
              .map((verb) => {
                const of = at(rule, 'resourceNames')
                return `${String(verb)} ${String(resource)} ${Array.isArray(of) ? of.join() : 'any'}`
              }),
          ),
        )
      t.same(granted(rules[0]), [
        'create events any',
        'patch events any',
        'patch mutatingwebhookconfigurations remora-sidecar-injector,remora-sidecar-injector-canary,remora-revision-tag-prod',
      ])
      t.same(granted(rendered.one('Role', 'remora')), ['get secrets remora-ca', 'update secrets remora-ca'])
      const kept = 'remora-last-good-0,remora-last-good-1,remora-heartbeats'
      t.same(granted(rendered.one('Role', 'remora-last-good')), [
        `get secrets ${kept}`,
        `patch secrets ${kept}`,
      ])
      t.notMatch(JSON.stringify(rendered.all('ClusterRole')), /"\*"/)
      t.match(rendered.one('Secret', 'remora-ca'), { type: 'Opaque', data: undefined, stringData: undefined })
      const test = rendered.all('ClusterRole').find((role) => !rules.includes(role))
      t.same(granted(test), [], 'the test pod writes nothing')
      const bare = render({ values: { revisions: [] } })
      t.same(
        granted(bare.one('ClusterRole')),
        ['create events any', 'patch events any'],
        'no names would mean any',
      )
      t.notMatch(argsOf(bare).join(' '), /webhook-configurations/)
    },
  )

  t.test('only the client CA is mounted from its Secret', async (t) => {
    const rendered = render({ values: { tls: { clientCa: { secretName: 'api-ca', key: 'clients.pem' } } } })
    const { options } = readArgs(argsOf(rendered))
    t.equal(options['client-ca-file'], '/etc/remora/client-ca/clients.pem')
    const volume = listAt(podSpec(rendered), 'volumes').find((one) => at(one, 'name') === 'client-ca')
    t.same(at(volume, 'secret'), {
      secretName: 'api-ca',
      items: [{ key: 'clients.pem', path: 'clients.pem' }],
    })
    const mounts = listAt(podSpec(rendered), 'containers', 0, 'volumeMounts')
    t.ok(mounts.some((mount) => at(mount, 'mountPath') === '/etc/remora/client-ca'))
    t.equal(
      rendered.objects.filter((object) => textAt(object, 'metadata', 'name') === 'remora-test').length,
      0,
      'the test pod has no certificate',
    )
    t.equal(readArgs(argsOf(render())).options['client-ca-file'], undefined)
    for (const clientCa of ['api-ca', { secretName: 'x', key: '../x' }])
      t.not(tryRender({ values: { tls: { clientCa } } }).status, 0)
  })

  t.test('NOTES warn about a policy that allows every pod to call the webhook', async (t) => {
    const warning = /networkPolicy\.webhookFrom is empty/
    t.match(renderNotes({ networkPolicy: { enabled: true } }), warning)
    t.notMatch(renderNotes(), warning)
    const webhookFrom = [{ ipBlock: { cidr: '10.0.0.1/32' } }]
    t.notMatch(renderNotes({ networkPolicy: { enabled: true, webhookFrom } }), warning)
    t.match(renderNotes(), /helm test remora/)
    const withCa = renderNotes({ tls: { clientCa: { secretName: 'api-ca' } } })
    t.match(withCa, /certificate from the CA in the Secret api-ca/)
    t.notMatch(withCa, /helm test remora/)
  })

  t.test('the Service targets the webhook port, and the policy opens no other', async (t) => {
    const rendered = render({ values: full })
    t.match(at(rendered.one('Service'), 'spec', 'ports', 0), { port: 443, targetPort: 'https' })
    t.match(at(podSpec(rendered), 'containers', 0, 'ports', 0), { name: 'https', containerPort: 8443 })
    t.same(
      listAt(rendered.one('NetworkPolicy'), 'spec', 'ingress').map((rule) => at(rule, 'ports', 0, 'port')),
      ['https', 'http-metrics'],
    )
    t.same(at(rendered.one('NetworkPolicy'), 'spec', 'policyTypes'), ['Ingress', 'Egress'])
    t.match(at(rendered.one('ServiceMonitor'), 'spec', 'endpoints', 0), {
      port: 'http-metrics',
      path: '/metrics',
    })
  })

  t.test('every object has a namespace or needs none, and all options together still render', async (t) => {
    const clusterWide = /^(?:ClusterRole|ClusterRoleBinding|MutatingWebhookConfiguration)$/
    for (const object of render({ values: full }).objects) {
      const namespace = at(object, 'metadata', 'namespace')
      const kind = textAt(object, 'kind')
      if (clusterWide.test(kind)) t.equal(namespace, undefined, kind)
      else t.match(namespace, /^(?:remora|istio)-system$/, kind)
    }
  })
})
