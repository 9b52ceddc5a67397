import tap from 'tap'
import { gatesFor, parseIstioVersion, validateAnnotations } from '../../src/istio/index.ts'

function check(value: string, release = '1.31.0'): string | undefined {
  const version = parseIstioVersion(release)
  if (version === undefined) throw new Error(release)
  return validateAnnotations({ 'proxy.istio.io/config': value }, { version, gates: gatesFor(version) })[0]
    ?.cause
}

tap.test('valid annotations are accepted over the default ProxyConfig', async (t) => {
  for (const text of [
    '',
    'concurrency: 3',
    'tracingServiceName: CANONICAL_NAME_ONLY',
    'drainDuration: 30s',
    'discoveryAddress: istiod.mesh-system.svc:15012',
    'discoveryAddress: "[::1]:15012"',
    'discoveryAddress: 10.0.0.1:15012',
    'discoveryAddress: istiod.mesh-system.svc.:15012',
    'tracing: {zipkin: {address: "$(HOST_IP):9411"}}',
    'tracing: {lightstep: {address: "collector:80", accessToken: abc}}',
    'tracing: {tlsSettings: {mode: SIMPLE, credentialName: x}}',
    'tracing: {tlsSettings: {mode: MUTUAL, clientCertificate: c, privateKey: k}}',
    'statsdUdpAddress: stats:8125',
    'privateKeyProvider: {cryptomb: {pollDelay: 10ms}}',
    'connectionSettings: {httpIdleTimeout: 1s, httpMaxConcurrentStreams: 1}',
    'unknownField: {deep: [1]}',
  ]) {
    t.equal(check(text), undefined, text)
  }
})

tap.test('invalid annotations are refused', async (t) => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['concurrency: lots', /failed to convert to apply proxy config: .*concurrency/],
    ['proxyMetadata: {A: 5}', /failed to convert.*proxyMetadata/],
    ['{', /failed to convert/],
    ['- a', /failed to convert/],
    ['statusPort: 0', /invalid status port: port number 0 must be in the range 1\.\.65535/],
    ['statusPort: 70000', /70000/],
    ['proxyAdminPort: 0', /invalid proxy admin port/],
    ['configPath: ""', /config path must be set/],
    ['binaryPath: ""', /binary path must be set/],
    ['serviceCluster: ""', /service cluster must be specified/],
    ['drainDuration: 0s', /invalid drain duration: duration must be greater than 1ms/],
    ['drainDuration: 1500us', /ms precision/],
    ['drainDuration: 1.5s', /seconds precision/],
    ['discoveryAddress: ""', /discovery address must be set/],
    ['discoveryAddress: istiod', /missing port in address/],
    ['discoveryAddress: "a:b:1"', /too many colons/],
    ['discoveryAddress: "[::1"', /missing '\]'|missing port/],
    ['discoveryAddress: "[::1:1"', /missing '\]'/],
    ['discoveryAddress: "[::1]"', /missing port/],
    ['discoveryAddress: "[::1]x:1"', /missing port/],
    ['discoveryAddress: "[::1]:1:2"', /too many colons/],
    ['discoveryAddress: "[a[b]:1"', /unexpected '\['/],
    ['discoveryAddress: "[a]:1]"', /unexpected '\]'/],
    ['discoveryAddress: "a]:1"', /unexpected bracket/],
    ['discoveryAddress: "istiod:http"', /is not a number/],
    ['discoveryAddress: "istiod:0"', /range 1\.\.65535/],
    ['discoveryAddress: ":1"', /not a valid hostname/],
    ['discoveryAddress: "-a:1"', /not a valid hostname/],
    ['discoveryAddress: "1.2.3:1"', /not a valid hostname/],
    ['tracing: {zipkin: {address: "x"}}', /invalid zipkin config/],
    ['tracing: {datadog: {address: "$(HOST_IP)"}}', /invalid datadog config/],
    ['tracing: {lightstep: {}}', /address is required.*access token is required/],
    ['tracing: {tlsSettings: {mode: MUTUAL}}', /client certificate required.*private key required/],
    [
      'tracing: {tlsSettings: {mode: SIMPLE, credentialName: x, caCertificates: ca.pem}}',
      /cannot specify client cert/,
    ],
    ['tracing: {tlsSettings: {credentialName: "configmap://a/b"}}', /configmap:\/\//],
    [
      'tracing: {tlsSettings: {mode: SIMPLE, insecureSkipVerify: true, caCertificates: ca.pem}}',
      /or CredentialName or SubjectAltNames when/,
    ],
    [
      'tracing: {tlsSettings: {mode: MUTUAL, insecureSkipVerify: true, subjectAltNames: [a], clientCertificate: c, privateKey: k}}',
      /CaCertificates or SubjectAltNames when/,
    ],
    ['statsdUdpAddress: x', /invalid statsd udp address "x"/],
    ['envoyMetricsServiceAddress: x', /invalid envoy metrics service address "x"/],
    ['envoyMetricsService: {address: x}', /invalid envoy metrics service address "x"/],
    ['envoyAccessLogService: {address: x}', /invalid envoy access log service address "x"/],
    ['controlPlaneAuthPolicy: 7', /unrecognized control plane auth policy/],
    ['privateKeyProvider: {}', /private key provider configuration is required/],
    ['privateKeyProvider: {qat: {}}', /pollDelay is required/],
    ['privateKeyProvider: {cryptomb: {pollDelay: 0s}}', /pollDelay must be non zero/],
    ['connectionSettings: {httpMaxConcurrentStreams: 0}', /httpMaxConcurrentStreams must be at least 1/],
    ['connectionSettings: {httpIdleTimeout: -1s}', /httpIdleTimeout must be non-negative/],
    ['configPath: ""\nbinaryPath: ""', /config path must be set; binary path must be set/],
  ]
  for (const [text, cause] of rows) t.match({ cause: check(text) }, { cause }, text)
})

tap.test('the checks of a release apply only to that release', async (t) => {
  t.match(check('drainDuration: 2h', '1.20.3'), /<1h0m0s/)
  t.equal(check('drainDuration: 2h', '1.22.0'), undefined)
  const configMap = 'tracing: {tlsSettings: {credentialName: "configmap://a/b"}}'
  t.equal(check(configMap, '1.25.0'), undefined)
  t.match(check(configMap, '1.26.0'), /configmap/)
  t.equal(check('connectionSettings: {httpMaxConcurrentStreams: 0}', '1.30.3'), undefined)
})
