/**
 * Pods and clusters that differ in every input of a template, one difference at a time, and the comparison of the
 * specialised template with full execution. Not a test.
 */
import { inject, Kubelets, type RevisionConfig, type Snapshot } from '../../../src/inject/index.ts'
import { parseProxyConfigResource, sortProxyConfigResources } from '../../../src/istio/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from '../revision-fixture.ts'
import { proxy } from '../run-inject.ts'

/** Prints every fact for which the key has a row. */
const TEMPLATE = proxy(`    args:
    - "{{ .TypeMeta.Kind }} {{ .TypeMeta.APIVersion }}"
    - "{{ .ProxyConfig.ConfigPath }} {{ .ProxyConfig.DrainDuration }} {{ .ProxyConfig.Concurrency }}"
    - "{{ .MeshConfig.TrustDomain }} {{ .Values.global.hub }} {{ .Revision }}"
    - "{{ .NativeSidecars }} {{ .ProxyImage }} {{ .ProxyInitImage }} {{ .ProxyUID }} {{ .ProxyGID }}"
    - "{{ .InboundTrafficPolicyMode }} {{ .CompliancePolicy }}"
    - "{{ annotation .ObjectMeta \`sidecar.istio.io/logLevel\` \`info\` }} {{ index .ObjectMeta.Annotations \`note\` }}"
    - "{{ .ObjectMeta.Labels.app }} {{ .DeploymentMeta.Name }} {{ (index .Spec.Containers 0).Name }}"
`)

/** A configuration, and the same one with another value in just one field. */
const CONFIGURATIONS = {
  first: {},
  MeshConfig: { mesh: 'trustDomain: elsewhere.local' },
  Values: { hub: 'elsewhere' },
  Revision: { name: 'other' },
  InboundTrafficPolicyMode: { mesh: 'inboundTrafficPolicy: {mode: LOCALHOST}' },
  CompliancePolicy: { compliance: 'fips-140-2' },
} as const

export type Configuration = keyof typeof CONFIGURATIONS

function configuration(name: Configuration): RevisionConfig {
  const { mesh, hub, name: revisionName, compliance }: Partial<Record<string, string>> = CONFIGURATIONS[name]
  return revision({
    version: '1.31.0',
    templates: TEMPLATE,
    ...(mesh !== undefined && { mesh }),
    ...(revisionName !== undefined && { name: revisionName }),
    values: {
      global: { hub: hub ?? 'hub', tag: '1' },
      pilot: {
        env: { PLATFORM: 'openshift', ...(compliance !== undefined && { COMPLIANCE_POLICY: compliance }) },
      },
    },
  })
}

/** Every dimension with its values; a world is one index for each. */
export const DIMENSIONS = {
  configuration: Object.keys(CONFIGURATIONS) as readonly Configuration[],
  kubelet: ['v1.33.1', 'v1.29.0'],
  namespace: ['plain', 'ranges', 'groups', 'users', 'debug'],
  proxyConfig: ['none', 'concurrency', 'distroless'],
  imageType: [undefined, 'distroless', 'default'],
  owner: ['none', 'Job batch/v1', 'Job batch/v1beta1', 'Job\nbatch v1', 'Set batch/v1'],
  annotation: [undefined, '{drainDuration: 7s}', '{configPath: /x}'],
  logLevel: [undefined, 'debug', 'info'],
  note: [undefined, '', 'a'],
  label: ['web', 'api'],
} as const

export type World = { -readonly [dimension in keyof typeof DIMENSIONS]: number }

export const FIRST_WORLD = Object.fromEntries(Object.keys(DIMENSIONS).map((name) => [name, 0])) as World

const RANGES: { readonly [namespace: string]: Readonly<Record<string, string>> } = {
  plain: {},
  ranges: { 'sa.scc.uid-range': '1000/10', 'sa.scc.supplemental-groups': '1000/10' },
  groups: { 'sa.scc.uid-range': '1000/10', 'sa.scc.supplemental-groups': '2000/10' },
  users: { 'sa.scc.uid-range': '2000/10', 'sa.scc.supplemental-groups': '1000/10' },
  debug: {},
}

const namespaces = new Map(
  Object.entries(RANGES).map(([name, annotations]) => [
    name,
    {
      labels: new Map<string, string>(),
      annotations: new Map(Object.entries(annotations).map(([key, text]) => [`openshift.io/${key}`, text])),
    },
  ]),
)

const SPECS = {
  none: undefined,
  concurrency: { concurrency: 3 },
  distroless: { image: { imageType: 'distroless' } },
} as const

/** The cluster of a world; what does not change stays the same object, as in a server. */
export class Worlds {
  readonly #configurations = new Map<Configuration, RevisionConfig>()
  readonly #resources = new Map<string, Snapshot['proxyConfigs']>()
  readonly #expected = new Map<string, string>()

  configuration(name: Configuration): RevisionConfig {
    const config = this.#configurations.get(name) ?? configuration(name)
    this.#configurations.set(name, config)
    return config
  }

  /** Undefined where the pod of this world gets the same with and without specialised templates. */
  difference(world: World): string | undefined {
    const expected = this.#expected.get(JSON.stringify(world)) ?? this.#ask(world, false)
    this.#expected.set(JSON.stringify(world), expected)
    const found = this.#ask(world, true)
    return found === expected
      ? undefined
      : `${JSON.stringify(describe(world))}\n${found}\ninstead of\n${expected}`
  }

  #ask(world: World, specialize: boolean): string {
    const at = describe(world)
    const config = this.configuration(at.configuration)
    const snapshot = snapshotOf(config, {
      nodes: new Kubelets([['n1', at.kubelet]]),
      namespaces,
      proxyConfigs: this.#proxyConfigs(at.namespace, at.proxyConfig),
    })
    const annotations = {
      ...(at.imageType !== undefined && { 'sidecar.istio.io/proxyImageType': at.imageType }),
      ...(at.annotation !== undefined && { 'proxy.istio.io/config': at.annotation }),
      ...(at.logLevel !== undefined && { 'sidecar.istio.io/logLevel': at.logLevel }),
      ...(at.note !== undefined && { note: at.note }),
    }
    const [kind = '', apiVersion = ''] = at.owner.split(' ')
    const owner: JsonObject = { kind, apiVersion, name: 'web', uid: 'u', controller: true }
    const owned: JsonObject = at.owner === 'none' ? {} : { ownerReferences: [owner] }
    const object = pod({ generateName: 'web-', annotations, labels: { app: at.label }, ...owned })
    const request = requestFor(object, {
      target: { by: 'revision', name: config.name },
      namespace: at.namespace,
    })
    return JSON.stringify(inject(request, snapshot, { specialize }))
  }

  #proxyConfigs(namespace: string, spec: keyof typeof SPECS): Snapshot['proxyConfigs'] {
    const key = `${namespace} ${spec}`
    const found = this.#resources.get(key)
    if (found !== undefined) return found
    const resources =
      SPECS[spec] === undefined ? [] : [{ metadata: { namespace, name: 'pc' }, spec: SPECS[spec] }]
    const sorted = sortProxyConfigResources(resources.map(parseProxyConfigResource))
    this.#resources.set(key, sorted)
    return sorted
  }
}

function describe(world: World) {
  const at = <D extends keyof typeof DIMENSIONS>(dimension: D): (typeof DIMENSIONS)[D][number] =>
    DIMENSIONS[dimension][world[dimension]] as (typeof DIMENSIONS)[D][number] // a world's index is within the list
  return {
    configuration: at('configuration'),
    kubelet: at('kubelet'),
    namespace: at('namespace'),
    proxyConfig: at('proxyConfig'),
    imageType: at('imageType'),
    owner: at('owner'),
    annotation: at('annotation'),
    logLevel: at('logLevel'),
    note: at('note'),
    label: at('label'),
  }
}
