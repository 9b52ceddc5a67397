import t from 'tap'
import {
  compareIstioVersions,
  detectVersion,
  detectVersionFrom,
  formatIstioVersion,
  type GateName,
  gatesFor,
  gateTable,
  type IstioVersion,
  parseIstioVersion,
  serveIstioVersion,
} from '../../src/istio/index.ts'

function release(text: string): IstioVersion {
  const version = parseIstioVersion(text)
  if (version === undefined) throw new Error(`not a release: ${text}`)
  return version
}

t.test('releases are read with and without patch level, prefix and pre-release', async (t) => {
  for (const [text, expected] of [
    ['1.24.2', '1.24.2'],
    ['v1.24.2', '1.24.2'],
    ['1.24', '1.24.0'],
    ['1.31.0-dev', '1.31.0'],
    ['1.31-alpha.8b4d0ab1c', '1.31.0'],
    ['1.24.2-distroless', '1.24.2'],
    [' 1.20.3+build ', '1.20.3'],
    ['1.0.0', '1.0.0'],
  ] as const) {
    t.equal(formatIstioVersion(release(text)), expected, text)
  }
  for (const text of ['', 'latest', '1', '1.x', '1.2.3.4', '1.2.3 4', 'sha256:1.2', '1.2-ä', '999999.1']) {
    t.equal(parseIstioVersion(text), undefined, text)
  }
  t.equal(compareIstioVersions(release('1.24.2'), release('1.24.2-dev')), 0)
  t.ok(compareIstioVersions(release('1.9.0'), release('1.10.0')) < 0)
  t.ok(compareIstioVersions(release('2.0.0'), release('1.31.0')) > 0)
  t.ok(compareIstioVersions(release('1.9.1'), release('1.9.0')) > 0)
})

t.test('unknown newer releases are treated as the newest known one, too old ones are refused', async (t) => {
  t.same(serveIstioVersion(release('1.31.7')), { version: release('1.31.7') })
  const newer = serveIstioVersion(release('1.40.1'))
  t.equal(formatIstioVersion(newer.version), '1.31.0')
  t.equal(newer.version.text, '1.40.1')
  t.match(newer.warning, /1.40.1 is newer .* treated as 1.31/)
  t.ok(serveIstioVersion(release('2.0.0')).warning)
  t.equal(serveIstioVersion(release('1.9.0')).warning, undefined)
  t.throws(() => serveIstioVersion(release('1.8.6')), { code: 'istio-version-too-old', message: /upgrade/ })
  t.throws(() => serveIstioVersion(release('0.9.0')), { code: 'istio-version-too-old' })
})

t.test('a gate is on from its first release on, including backports', async (t) => {
  const on = (gate: GateName, text: string) => gatesFor(release(text))[gate]
  for (const [gate, off, ons] of [
    ['quantitiesValidated', ['1.27.5', '1.28.3', '1.26.9'], ['1.27.6', '1.28.4', '1.29.0', '1.31.0']],
    ['omitNil', ['1.28.5', '1.29.0', '1.27.9'], ['1.28.6', '1.29.1', '1.30.0', '1.31.0-dev']],
    ['compliancePolicy', ['1.19.7', '1.20.3', '1.18.7'], ['1.19.8', '1.20.4', '1.21.0']],
    ['proxyConfigJsonMerge', ['1.16.3', '1.17.1', '1.15.7'], ['1.16.4', '1.17.2', '1.18.0']],
    ['nativeSidecarsAuto', ['1.26.8', '1.19.0'], ['1.27.0', '1.30.3']],
    ['injectLabelBeatsAnnotation', ['1.11.8'], ['1.12.0']],
    ['autoImageUserReset', ['1.20.0', '1.20.7', '1.21.3', '1.23.0'], ['1.20.1', '1.21.2', '1.22.0']],
  ] as const) {
    for (const text of off) t.equal(on(gate, text), false, `${gate} in ${text}`)
    for (const text of ons) t.equal(on(gate, text), true, `${gate} in ${text}`)
  }
  t.ok(Object.isFrozen(gatesFor(release('1.30.3'))))
  t.ok(on('otelResourceAttributes', '2.0.0'))
})

t.test('every gate has readable releases and a sentence', async (t) => {
  for (const [name, row] of Object.entries<{ since: string; until?: string; sentence: string }>(gateTable)) {
    for (const text of `${row.since}/${row.until ?? row.since}`.split('/'))
      t.ok(parseIstioVersion(text), `${name}: ${text}`)
    t.ok(row.sentence.length > 10, name)
  }
})

t.test('the version is detected by option, labels, tag and fingerprints, in this order', async (t) => {
  const none = { labels: new Map<string, string>(), tag: '', template: '' }
  const detected = (clues: Partial<Parameters<typeof detectVersionFrom>[0]>) => {
    const { version, evidence } = detectVersionFrom({ ...none, ...clues })
    return `${version.text} ${evidence}`
  }
  const labels = new Map([
    ['app.kubernetes.io/version', '1.28.3'],
    ['helm.sh/chart', 'istiod-1.27.1'],
  ])
  t.equal(detected({ explicit: '1.20.1', labels, tag: '1.25.0', template: 'omitNil' }), '1.20.1 explicit')
  t.equal(detected({ explicit: 'latest', labels, tag: '1.25.0' }), '1.28.3 label')
  t.equal(
    detected({ labels: new Map([['helm.sh/chart', 'istiod-1.27.1']]), tag: '1.25.0' }),
    '1.27.1 chart-label',
  )
  t.equal(
    detected({ labels: new Map([['app.kubernetes.io/version', '1.0.0']]), tag: '1.25.0' }),
    '1.0.0 label',
  )
  t.equal(detected({ tag: '1.25.0-distroless' }), '1.25.0-distroless values-tag')
  t.equal(detected({ tag: 'latest', template: 'x .ProxyUID x' }), '1.20.0 fingerprint')
  for (const [template, expected] of [
    ['.ProxyInitImage', '1.31.0'],
    ['otelResourceAttributes omitNil', '1.30.0'],
    ['omitNil .NativeSidecars', '1.28.6'],
    ['.NativeSidecars ENABLE_CLUSTER_TRUST_BUNDLE_API', '1.27.0'],
    ['ENABLE_CLUSTER_TRUST_BUNDLE_API', '1.26.0'],
    ['reroute-virtual-interfaces', '1.25.0'],
    ['.InboundTrafficPolicyMode', '1.24.0'],
    ['.InboundTrafficPolicyMode istio_cni', '1.22.0'],
    ['trunc 63', '1.21.0'],
    ['ENABLE_NATIVE_SIDECARS', '1.19.0'],
    ['credential-socket', '1.18.0'],
    ['credential-socket .EstimatedConcurrency', '1.15.0'],
    ['.ProxyImage .EstimatedConcurrency', '1.13.0'],
    ['.EstimatedConcurrency', '1.11.0'],
  ] as const) {
    t.equal(detected({ template }), `${expected} fingerprint`, template)
  }
  t.equal(detected({}), '1.9.0 assumed')
})

t.test("a revision's version is served with its warnings", async (t) => {
  const revision = (data: Record<string, string>) => ({
    injector: { labels: new Map<string, string>(), data: new Map(Object.entries(data)) },
  })
  const values = '{"global": {"tag": "1.40.0"}}'
  t.match(detectVersion(revision({ values }), undefined).warnings[0], /newer/)
  t.same(detectVersion(revision({ values }), '1.24.2').warnings, [])
  t.equal(
    detectVersion(revision({ values: 'a: [', config: 'templates: {sidecar: .NativeSidecars}' }), undefined)
      .version.minor,
    27,
  )
  t.equal(detectVersion(revision({ values: 'global: {tag: 1.28}' }), undefined).version.minor, 28)
  t.equal(detectVersion(revision({ values: 'global: {tag: [1]}' }), undefined).version.minor, 9)
  t.throws(() => detectVersion(revision({}), 'newest'), {
    code: 'istio-version-invalid',
    message: /1.24.2.*"newest"/,
  })
  t.throws(() => detectVersion(revision({}), '1.8.0'), { code: 'istio-version-too-old' })
})
