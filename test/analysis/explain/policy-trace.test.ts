import fc from 'fast-check'
import t from 'tap'
import { tracePolicy } from '../../../src/analysis/explain/policy-trace.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod, revision } from '../../inject/revision-fixture.ts'

const INJECT = 'sidecar.istio.io/inject'

function deciding(labels: JsonObject, annotations: JsonObject, sketch: Parameters<typeof revision>[0] = {}) {
  const trace = tracePolicy(pod({ namespace: 'shop', labels, annotations }), revision(sketch))
  return [trace.steps.find(({ decides }) => decides)?.from, trace.skip]
}

t.test('the deciding step is named, and the steps are in their order', async (t) => {
  t.same(deciding({}, {}), ['policy of the injector configuration', undefined])
  t.same(deciding({ [INJECT]: 'false' }, {}), [`pod label ${INJECT}`, 'pod-opted-out'])
  t.same(deciding({}, { [INJECT]: 'false' }), [`pod annotation ${INJECT}`, 'inject-annotation-false'])
  t.same(deciding({ [INJECT]: 'true' }, { [INJECT]: 'false' }), [`pod label ${INJECT}`, undefined])
  const selectors = { config: { neverInjectSelector: [{ matchLabels: { app: 'db' } }] } }
  t.same(deciding({ app: 'db' }, {}, selectors), ['neverInjectSelector (1)', 'never-inject-selector'])
  t.same(deciding({ app: 'db', [INJECT]: 'true' }, {}, selectors), [`pod label ${INJECT}`, undefined])
  t.same(deciding({ [INJECT]: 'true' }, {}, { config: { policy: 'perhaps' } }), [
    'policy of the injector configuration',
    'policy-disabled',
  ])
  t.same(deciding({ [INJECT]: 'yes' }, {}, { version: '1.26.4' }), [`pod label ${INJECT}`, undefined])
})

t.test('host network and system namespaces are checked before everything else', async (t) => {
  const config = revision()
  const host = tracePolicy(
    pod({ namespace: 'shop', labels: { [INJECT]: 'true' } }, { hostNetwork: true }),
    config,
  )
  t.match(host, { skip: 'host-network', steps: [{ from: 'spec.hostNetwork', value: 'true', decides: true }] })
  t.match(tracePolicy(pod({ namespace: 'kube-system' }), config), {
    skip: 'system-namespace',
    steps: [{ decides: false }, { from: 'system namespaces', value: 'kube-system', decides: true }],
  })
})

t.test('exactly one step decides, and it agrees with the decision', async () => {
  const value = fc.constantFrom(undefined, '', 'true', 'false', 'yes', 'no', 'on', 'True')
  const situation = fc.record({
    label: value,
    annotation: value,
    app: fc.constantFrom('web', 'db', 'always'),
    hostNetwork: fc.boolean(),
    namespace: fc.constantFrom('shop', 'shop', 'shop', 'kube-public'),
    policy: fc.constantFrom('enabled', 'disabled', 'perhaps'),
    version: fc.constantFrom('1.19.0', '1.26.4', '1.27.0', '1.30.3'),
  })
  fc.assert(
    fc.property(situation, ({ label, annotation, app, hostNetwork, namespace, policy, version }) => {
      const config = revision({
        version,
        config: {
          policy,
          neverInjectSelector: [{ matchLabels: { app: 'db' } }],
          alwaysInjectSelector: [{ matchLabels: { app: 'always' } }],
        },
      })
      const metadata = {
        namespace,
        labels: { app, ...(label === undefined ? {} : { [INJECT]: label }) },
        annotations: annotation === undefined ? {} : { [INJECT]: annotation },
      }
      const { steps, skip } = tracePolicy(pod(metadata, { hostNetwork }), config)
      const decides = steps.filter((step) => step.decides)
      return decides.length === 1 && (decides[0]?.says === 'inject') === (skip === undefined)
    }),
    { numRuns: 500 },
  )
})
