/** The core from request to outcome, for every kind of both. */
import fc from 'fast-check'
import t from 'tap'
import { describeCode, type InjectionRequest, inject } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from './revision-fixture.ts'
import { patched, proxy, run, type Setting } from './run-inject.ts'

t.test('only pods that are being created are injected', async (t) => {
  t.match(run(pod(), { request: { operation: 'UPDATE' } }), {
    kind: 'skipped',
    code: 'not-create',
    decided: { revision: 'default' },
  })
  t.match(run(pod(), { request: { operation: 'DELETE' } }), { code: 'not-create' })
  t.match(run(pod(), { request: { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } } }), {
    code: 'not-a-pod',
  })
  t.match(run(pod(), { request: { subResource: 'ephemeralcontainers' } }), { code: 'not-a-pod' })
})

t.test('a pod can be skipped by revision or by policy', async (t) => {
  t.match(run(pod(), { request: { target: { by: 'labels' } } }), { kind: 'skipped', code: 'no-labels' })
  t.match(run(pod(), { request: { target: { by: 'revision', name: 'gone' } } }), {
    kind: 'fault',
    code: 'revision-unknown',
  })
  t.match(run(pod({}, { hostNetwork: true })), {
    kind: 'skipped',
    code: 'host-network',
    decided: { revision: 'default' },
  })
  t.match(run(pod(), { request: { namespace: 'kube-system' } }), { code: 'system-namespace' })
})

t.test('the labels of the namespace choose the revision', async (t) => {
  const namespaces = new Map([
    ['shop', { labels: new Map([['istio-injection', 'enabled']]), annotations: new Map() }],
  ])
  t.match(
    run(pod(), { request: { target: { by: 'labels' } }, snapshot: { namespaces }, templates: proxy() }),
    { kind: 'patched', decided: { revision: 'default', webhook: 'namespace' } },
  )
})

t.test('a pod gets its sidecar, and the outcome names the revision', async (t) => {
  const { spec, metadata } = patched(pod(), { templates: proxy(), name: 'default' })
  t.match(spec.containers, [{ name: 'web' }, { name: 'istio-proxy', image: 'hub/proxyv2:1' }])
  t.match(metadata.annotations['sidecar.istio.io/status'], /"containers":\["istio-proxy"\]/)
  const decided = { revision: 'default', istioVersion: '1.30.3' }
  t.match(run(pod(), { templates: proxy() }), { code: 'injected', decided })
})

t.test('each refusal has its code', async (t) => {
  const rows: readonly (readonly [code: string, object: JsonObject, setting?: Setting])[] = [
    ['pod-invalid', pod({}, { containers: [{ name: 'a', ports: [{ containerPort: 'x' }] }] })],
    ['annotation-invalid', pod({ annotations: { 'status.sidecar.istio.io/port': 'x' } })],
    ['overrides-invalid', pod({ annotations: { 'proxy.istio.io/overrides': '{' } })],
    ['template-failed', pod(), { templates: { sidecar: '{{ .Nope }}' } }],
    [
      'template-budget',
      pod(),
      {
        templates: {
          sidecar:
            '{{ define "x" }}{{ template "x" . }}{{ template "x" . }}{{ end }}{{ range $i, $e := .Values.l }}{{ range $.Values.l }}{{ range $.Values.l }}{{ range $.Values.l }}{{ end }}{{ end }}{{ end }}{{ end }}',
        },
        values: { l: Array.from({ length: 100 }, (_, i) => i) },
      },
    ],
    ['template-output-invalid', pod(), { templates: { sidecar: 'a: [' } }],
    ['template-output-invalid', pod(), { templates: { sidecar: 'text' } }],
    ['template-output-invalid', pod(), { templates: { sidecar: 'a: {{ printf "%s" (trunc 1 "é") }}' } }],
    ['overlay-failed', pod(), { templates: { sidecar: 'spec: {containers: 5}' } }],
    [
      'overlay-failed',
      pod(),
      { templates: { sidecar: 'spec: {containers: [{name: x, resources: {limits: {cpu: lots}}}]}' } },
    ],
  ]
  for (const [code, object, setting] of rows) t.match(run(object, setting), { kind: 'refused', code }, code)
})

t.test('an empty template changes nothing but the status', async (t) => {
  t.match(patched(pod(), { templates: { sidecar: '' } }).spec.containers, [{ name: 'web' }])
})

t.test('OpenShift’s user ID is removed before the template reads the pod', async (t) => {
  const object = pod(
    {},
    {
      containers: [
        { name: 'web', image: 'w', securityContext: { runAsUser: 7 } },
        { name: 'istio-proxy', image: 'auto', securityContext: { runAsUser: 7 } },
      ],
    },
  )
  const templates = proxy('    securityContext: {runAsUser: 1337}\n')
  t.match(patched(object, { templates, env: { PLATFORM: 'openshift' } }).spec.containers[1], {
    securityContext: { runAsUser: 1337 },
  })
  t.match(patched(object, { templates }).spec.containers[1], { securityContext: { runAsUser: 7 } })
})

t.test('injecting an injected pod gives the same pod', async (t) => {
  const templates = proxy('    args: ["{{ len .Spec.Containers }}"]\n')
  const first = run(pod({ annotations: { 'proxy.istio.io/config': 'concurrency: 1' } }), { templates })
  if (first.kind !== 'patched') throw new Error(first.code)
  const second = run(first.pod, { templates })
  t.match(second, { kind: 'patched', code: 'reinjected' })
  t.same((second as { pod: unknown }).pod, first.pod)
})

t.test('each request gets its own copy of values that a template changes', async (t) => {
  const setting = {
    templates: {
      sidecar: 'metadata: {labels: {size: "{{ len .Values.m }}"}}{{ $x := set .Values.m "b" 1 }}',
    },
    values: { m: { a: 1 } },
  }
  const config = revision(setting)
  const snapshot = snapshotOf(config)
  for (const _ of [1, 2]) {
    const outcome = inject(requestFor(pod()), snapshot)
    t.match(outcome, { kind: 'patched', pod: { metadata: { labels: { size: '1' } } } })
  }
})

t.test('the clock and seed of templates come from the request', async (t) => {
  const setting = {
    templates: { sidecar: 'metadata: {labels: {t: "{{ now | unixEpoch }}", r: "{{ randInt 0 1000000 }}"}}' },
  }
  const labels = (request: Partial<InjectionRequest>) =>
    patched(pod(), { ...setting, request }).metadata.labels
  t.same(labels({ nowMs: 5000, seed: 7 }), labels({ nowMs: 5000, seed: 7 }))
  t.match(labels({ nowMs: 5000, seed: 7 }), { t: '5' })
})

t.test('inject never throws, whatever a pod contains', async () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(
      fc.constantFrom(
        'name',
        'containers',
        'initContainers',
        'volumes',
        'annotations',
        'labels',
        'metadata',
        'spec',
        'env',
        'ports',
        '__proto__',
        'constructor',
        'sidecar.istio.io/status',
        'proxy.istio.io/overrides',
        'proxy.istio.io/config',
        'inject.istio.io/templates',
      ),
      tie('value'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  })).object
  const config = revision({ templates: proxy() })
  const snapshot = snapshotOf(config)
  fc.assert(
    fc.property(value, value, (metadata, spec) => {
      // What the generator makes is JSON.
      const object = { metadata, spec } as JsonObject
      const outcome = inject(requestFor(object), snapshot)
      return describeCode(outcome.code)?.kind === outcome.kind
    }),
    { numRuns: 500 },
  )
})
