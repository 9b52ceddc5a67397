/**
 * The built-in MeshConfig and ProxyConfig: Istio's mesh.DefaultMeshConfig and mesh.DefaultProxyConfig
 * (pkg/config/mesh/mesh.go) of 1.9 to 1.31.
 */
import type { Gates } from './gates.ts'
import type { MeshConfig, ProtoMessage, ProxyConfig } from './proto-message.ts'

const seconds = (count: number): ProtoMessage => ({ seconds: BigInt(count) })
const yes: ProtoMessage = Object.freeze({ value: true })

export function defaultProxyConfig(gates: Gates): ProxyConfig {
  return {
    configPath: './etc/istio/proxy',
    binaryPath: '/usr/local/bin/envoy',
    serviceCluster: 'istio-proxy',
    drainDuration: seconds(45),
    ...(gates.noParentShutdownDefault ? {} : { parentShutdownDuration: seconds(60) }),
    terminationDrainDuration: seconds(5),
    discoveryAddress: 'istiod.istio-system.svc:15012',
    proxyAdminPort: 15000,
    // MUTUAL_TLS
    controlPlaneAuthPolicy: 1,
    statNameLength: 189,
    statusPort: 15020,
    ...(gates.noConcurrencyDefault ? {} : { concurrency: { value: 2 } }),
    ...(gates.noTracerDefault ? {} : { tracing: { zipkin: { address: 'zipkin.istio-system:9411' } } }),
  }
}

export function defaultMeshConfig(gates: Gates): MeshConfig {
  return {
    proxyListenPort: 15001,
    ...(gates.meshDefaultsSince118 ? { proxyInboundListenPort: 15006, enablePrometheusMerge: yes } : {}),
    connectTimeout: seconds(10),
    protocolDetectionTimeout: {},
    ingressClass: 'istio',
    ingressService: 'istio-ingressgateway',
    // STRICT
    ingressControllerMode: 3,
    enableTracing: true,
    defaultConfig: defaultProxyConfig(gates),
    // ALLOW_ANY
    outboundTrafficPolicy: { mode: 1 },
    // PASSTHROUGH is the enum's zero
    ...(gates.inboundTrafficPolicyMode ? { inboundTrafficPolicy: {} } : {}),
    enableAutoMtls: yes,
    trustDomain: 'cluster.local',
    defaultServiceExportTo: ['*'],
    defaultVirtualServiceExportTo: ['*'],
    defaultDestinationRuleExportTo: ['*'],
    rootNamespace: 'istio-system',
    localityLbSetting: { enabled: yes },
    dnsRefreshRate: seconds(60),
    extensionProviders: [
      { name: 'prometheus', prometheus: {} },
      { name: 'stackdriver', stackdriver: {} },
      { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } },
    ],
    defaultProviders: {},
  }
}
