/** A configuration is compiled once; what does not serve says where and why. */
import t from 'tap'
import {
  compileRevision,
  describeRevisionWarning,
  RevisionConfigError,
  type RevisionInputs,
} from '../../src/inject/index.ts'
import { parseIstioVersion } from '../../src/istio/index.ts'
import { revision } from './revision-fixture.ts'

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

t.test('the environment: what is known better wins over values.pilot.env', async (t) => {
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

t.test('the cluster’s name', async (t) => {
  t.equal(revision().clusterName, 'Kubernetes')
  t.equal(revision({ values: { global: { multiCluster: { clusterName: 'c2' } } } }).clusterName, 'c2')
})

t.test('a template that reads clock or chance is marked when it is compiled', async (t) => {
  const { warnings, templates: compiled } = revision({
    config: { policy: 'enabled', templates: { sidecar: 'x: {{ now | date `2006` }}', plain: 'x: 1' } },
  })
  t.same([compiled.get('sidecar')?.impure, compiled.get('plain')?.impure], [true, false])
  t.match(warnings.map(describeRevisionWarning), [
    /key config, template sidecar: it reads the clock or chance/,
  ])
})

t.test('oddities are warnings', async (t) => {
  const { warnings, neverInject } = revision({
    config: { policy: 'on', neverInjectSelector: [{ matchExpressions: [{ key: 'a', operator: 'Like' }] }] },
  })
  t.equal(neverInject.length, 0)
  t.match(warnings.map(describeRevisionWarning), [
    /policy "on" is neither/,
    /neverInjectSelector\[0\]: .*Like.* it is passed over/,
  ])
  t.same(
    warnings.map(({ code }) => code),
    ['policy-unknown', 'selector-invalid'],
  )
})
