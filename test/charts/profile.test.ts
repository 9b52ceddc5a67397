/** Remora's own injection profile as the chart installs it; the server reads what the chart renders. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseYaml } from '../../src/json/index.ts'
import { buildSnapshot } from '../../src/revisions/index.ts'
import { at, chart, helmMissing, render, textAt } from './helm.ts'

t.test("the chart renders Remora's own profile as ConfigMaps", { skip: helmMissing }, async (t) => {
  const values = {
    profile: {
      install: [
        { revision: 'default', tag: '1.24.2' },
        { revision: 'canary', tag: '1.30.3', values: { global: { proxy: { logLevel: 'debug' } } } },
        { revision: 'blue', namespace: 'mesh', meshConfig: { trustDomain: 'blue.local' } },
        { revision: 'bare', mesh: false },
      ],
    },
  }
  const rendered = render({ values })
  t.same(
    rendered
      .all('ConfigMap')
      .filter((object) => at(object, 'metadata', 'namespace') !== 'remora-system')
      .map((object) => `${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`)
      .toSorted(),
    [
      'istio-system/istio',
      'istio-system/istio-canary',
      'istio-system/istio-sidecar-injector',
      'istio-system/istio-sidecar-injector-bare',
      'istio-system/istio-sidecar-injector-canary',
      'mesh/istio-blue',
      'mesh/istio-sidecar-injector-blue',
    ],
  )
  const objects = rendered.objects.map((object) => ({ object }))
  // The chart names these to the server.
  const trust = { namespaces: ['istio-system', 'mesh'], only: false }
  const { snapshot } = buildSnapshot(objects, { istiodEnv: [], istioVersions: [], trust }, undefined)
  t.match(
    snapshot.problems,
    [{ code: 'mesh-config-missing', revision: 'bare' }],
    'left to istiod by the values',
  )
  t.equal(snapshot.problems.length, 1)
  t.same(
    [...snapshot.revisions.values()].map(({ name, namespace, config, problem }) => [
      name,
      namespace,
      config?.version.text,
      problem,
    ]),
    [
      ['bare', 'istio-system', '1.30.3', undefined],
      ['blue', 'mesh', '1.30.3', undefined],
      ['canary', 'istio-system', '1.30.3', undefined],
      // The profile needs newer rules than its proxies have.
      ['default', 'istio-system', '1.30.3', undefined],
    ],
  )
  const blue = rendered.one('ConfigMap', 'istio-blue')
  t.match(parseYaml(textAt(blue, 'data', 'mesh')), {
    trustDomain: 'blue.local',
    rootNamespace: 'mesh',
    defaultConfig: { discoveryAddress: 'istiod-blue.mesh.svc:15012' },
  })
  const canary = rendered.one('ConfigMap', 'istio-sidecar-injector-canary')
  t.match(at(canary, 'metadata', 'labels'), {
    'istio.io/rev': 'canary',
    'app.kubernetes.io/version': '1.30.3',
  })
  const written: unknown = JSON.parse(textAt(canary, 'data', 'values'))
  t.match(written, {
    revision: 'canary',
    global: {
      tag: '1.30.3',
      istioNamespace: 'istio-system',
      proxy: { logLevel: 'debug', statusPort: 15020 },
    },
  })
  t.match(textAt(canary, 'data', 'config'), /^policy: enabled\n/)
  const source = readFileSync(`${chart}/files/profile/config.yaml`, 'utf8').replace(/^(?:#[^\n]*\n)+/, '')
  t.equal(textAt(canary, 'data', 'config').trim(), source.trim(), 'the text of the profile, unchanged')
})
