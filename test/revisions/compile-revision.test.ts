/** A configuration is compiled once; errors name place and reason. */
import t from 'tap'
import type { RevisionInputs } from '../../src/inject/index.ts'
import { parseIstioVersion } from '../../src/istio/index.ts'
import {
  compileRevision,
  compileRevisionInSteps,
  describeRevisionWarning,
  RevisionConfigError,
} from '../../src/revisions/index.ts'
import { finish } from '../../src/steps.ts'
import { revision } from '../inject/revision-fixture.ts'

function inputs(changes: {
  config?: string | undefined
  values?: string | undefined
  mesh?: string
  version?: string
}): RevisionInputs {
  const version = parseIstioVersion(changes.version ?? '1.30.0')
  if (version === undefined) throw new TypeError('no version')
  return {
    name: 'canary',
    namespace: 'mesh-system',
    version,
    injectorConfigMap: {
      name: 'istio-sidecar-injector-canary',
      config: 'config' in changes ? changes.config : 'policy: enabled\ntemplates: {}',
      values: 'values' in changes ? changes.values : '{}',
    },
    meshConfigMap: { name: 'istio-canary', mesh: changes.mesh },
    environment: new Map(),
  }
}

t.test('every error names ConfigMap and key', async (t) => {
  const source = 'ConfigMap mesh-system/istio-sidecar-injector-canary, key'
  const rows: readonly (readonly [changes: Parameters<typeof inputs>[0], message: string])[] = [
    [{ config: undefined }, `${source} config: the key is missing`],
    [{ values: undefined }, `${source} values: the key is missing`],
    [{ config: 'policy: [' }, `${source} config`],
    [{ values: '[]' }, `${source} values`],
    [{ values: 'null' }, `${source} values: it is empty or null`],
    [{ values: '{"global":{"hub":5}}' }, `${source} values`],
    [{ mesh: 'defaultConfig: 5' }, 'ConfigMap mesh-system/istio-canary, key mesh'],
    [{ config: 'template: "{{ x }}"' }, `${source} config`],
  ]
  for (const [changes, message] of rows) {
    t.throws(() => compileRevision(inputs(changes)), { code: 'config-invalid' }, message)
    try {
      compileRevision(inputs(changes))
    } catch (error) {
      t.ok(error instanceof RevisionConfigError)
      t.ok(String((error as Error).message).startsWith(message), (error as Error).message)
    }
  }
})

t.test('a bad template is shown with its line', async (t) => {
  const config = 'policy: enabled\ntemplates:\n  sidecar: |\n    a: 1\n    b: {{ nosuch 1 }}\n'
  try {
    compileRevision(inputs({ config }))
    t.fail('compiled')
  } catch (error) {
    t.match(error, {
      code: 'config-invalid',
      line: 2,
      source: /template sidecar$/,
      message:
        /key config, template sidecar, line 2: .*function "nosuch" not defined\n2 \| b: \{\{ nosuch 1 \}\}\n/s,
    })
  }
})

t.test('null values are an error from 1.24 on only', async (t) => {
  t.equal(compileRevision(inputs({ values: 'null', version: '1.22.0' })).values.map, null)
})

t.test('options and the Deployment take precedence over values.pilot.env', async (t) => {
  const values = {
    pilot: {
      env: {
        PLATFORM: 'openshift',
        COMPLIANCE_POLICY: 'fips-140-3',
        ENABLE_NATIVE_SIDECARS: false,
        CLUSTER_ID: 'c1',
      },
    },
  }
  t.match(revision({ values }), {
    openShift: true,
    compliancePolicy: 'fips-140-3',
    nativeSidecars: 'disabled',
    clusterName: 'c1',
  })
  t.match(revision({ values, env: { PLATFORM: 'gcp' } }), { openShift: false })
  t.match(revision({ values, version: '1.25.0' }), { openShift: false, compliancePolicy: '' })
})

t.test('the cluster name comes from the values and defaults to Kubernetes', async (t) => {
  t.equal(revision().clusterName, 'Kubernetes')
  t.equal(revision({ values: { global: { multiCluster: { clusterName: 'c2' } } } }).clusterName, 'c2')
})

t.test('a template that reads clock or seed is recognised when it is compiled', async (t) => {
  const { warnings, templates: compiled } = revision({
    config: { policy: 'enabled', templates: { sidecar: 'x: {{ now | date `2006` }}', plain: 'x: 1' } },
  })
  t.same([compiled.get('sidecar')?.impure, compiled.get('plain')?.impure], [true, false])
  t.match(warnings.map(describeRevisionWarning), [
    /key config, template sidecar: it reads the clock or random values/,
  ])
})

t.test('unusual settings are reported as warnings', async (t) => {
  const { warnings, neverInject } = revision({
    config: { policy: 'on', neverInjectSelector: [{ matchExpressions: [{ key: 'a', operator: 'Like' }] }] },
  })
  t.equal(neverInject.length, 0)
  t.match(warnings.map(describeRevisionWarning), [
    /policy "on" is neither/,
    /neverInjectSelector\[0\]: .*Like.* it is ignored/,
  ])
  t.same(
    warnings.map(({ code }) => code),
    ['policy-unknown', 'selector-invalid'],
  )
})

t.test('equal templates are shared with existing configurations', async (t) => {
  const sketch = { templates: { sidecar: 'a: 1', other: 'b: {{ env "X" "none" }}' }, env: { X: '1' } }
  const before = revision(sketch)
  type Changes = Parameters<typeof revision>[0]
  const after = (changes: Changes, known = [before]) =>
    finish(compileRevisionInSteps(revision({ ...sketch, ...changes }).inputs, known))
  const kept = (changes: Changes) => {
    const { templates } = after(changes)
    return ['sidecar', 'other'].filter((name) => templates.get(name) === before.templates.get(name))
  }
  t.same(kept({ name: 'canary', values: { global: { tag: '2' } }, mesh: 'trustDomain: t' }), [
    'sidecar',
    'other',
  ])
  t.same(kept({ templates: { ...sketch.templates, other: 'b: 2' } }), ['sidecar'])
  t.same(kept({ templates: { other: sketch.templates.sidecar, sidecar: sketch.templates.sidecar } }), [
    'sidecar',
  ])
  t.same(kept({ env: { X: '2' } }), ['sidecar'], 'the other asks for it')
  t.same(kept({ env: {} }), ['sidecar'])
  t.same(kept({ version: '1.30.2' }), [], 'functions and types are of a release')
  t.equal(
    after({ env: { X: '2' } })
      .templates.get('other')
      ?.execute(undefined),
    'b: 2',
  )
})

t.test('all templates of a configuration use the types of its release', async (t) => {
  const [one, other] = [
    revision({ templates: { sidecar: 'a: 1' } }),
    revision({ templates: { sidecar: 'a: 2', more: 'b: 1' } }),
  ]
  t.not(one.model, other.model, 'compiled apart from each other')
  const { inputs } = revision({ templates: { sidecar: 'a: 1', more: 'b: 1' } })
  const both = finish(compileRevisionInSteps(inputs, [one, other]))
  t.equal(both.model, one.model)
  t.equal(both.templates.get('sidecar'), one.templates.get('sidecar'))
  t.not(both.templates.get('more'), other.templates.get('more'))
})
