/**
 * Pods with one large annotation, by its decoded content: containers, names, a ProxyConfig, volumes, lists separated
 * by commas. Not a test.
 */
import { fieldsOfAnyRelease, proxyConfigMessage } from '../../src/istio/proto-schema.ts'
import type { JsonObject, JsonValue } from '../../src/json/index.ts'
import { type GrownPod, grownPods } from './grown-pods.ts'

type Items = (count: number) => string

export interface GrownAnnotation extends GrownPod {
  /** It stays after injection, so Kubernetes' limit of all annotations bounds it. */
  readonly stays: boolean
}

export function grownAnnotations(): readonly GrownAnnotation[] {
  return [...containerLists(), ...statusLists(), ...proxyConfigs(), ...volumes(), ...texts()]
}

function podWith(annotations: JsonObject, spec: JsonObject = {}): JsonObject {
  const containers = [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', annotations },
    spec: { containers, ...spec },
  }
}

function list<T>(count: number, item: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => item(i))
}

const OVERRIDES = 'proxy.istio.io/overrides'
const STATUS = 'sidecar.istio.io/status'
const container = (i: number): JsonObject => ({ name: `c-${i}` })

/** All that a container can hold, as an override. */
function containerLists(): readonly GrownAnnotation[] {
  const inContainer = grownPods().filter(({ name }) => name.startsWith('containers[istio-proxy]'))
  const whole = inContainer.map(({ name, make }) => ({
    name: `${OVERRIDES}: ${name}`,
    stays: false,
    make: (bytes: number) => {
      // The generator makes such a pod.
      const { spec } = make(bytes) as { readonly spec: { readonly containers: readonly JsonValue[] } }
      return podWith({ [OVERRIDES]: JSON.stringify({ containers: spec.containers.slice(1) }) })
    },
  }))
  const lists = ['containers', 'initContainers'].flatMap((field) =>
    [false, true].map((stays) => ({
      name: `${OVERRIDES}: ${field}, the pod has other ones${stays ? ', injected before' : ''}`,
      stays,
      make: (bytes: number) => {
        const overrides = list(bytes / 17, container)
        const status = stays ? { [STATUS]: '{"containers":["istio-proxy"]}' } : {}
        const own = list(bytes / 17, (i) => ({ name: `d-${i}` }))
        return podWith({ ...status, [OVERRIDES]: JSON.stringify({ [field]: overrides }) }, { [field]: own })
      },
    })),
  )
  return [...whole, ...lists]
}

function statusLists(): readonly GrownAnnotation[] {
  return ['containers', 'initContainers', 'volumes', 'imagePullSecrets'].map((field) => ({
    name: `${STATUS}: ${field}, as the pod has them`,
    stays: false,
    make: (bytes) =>
      podWith(
        { [STATUS]: JSON.stringify({ [field]: list(bytes / 10, (i) => `c-${i}`) }) },
        { [field]: list(bytes / 20, container) },
      ),
  }))
}

/** Every list and map of a ProxyConfig and of the messages in it, as JSON, and one map in the forms of YAML. */
function proxyConfigs(): readonly GrownAnnotation[] {
  const name = 'proxy.istio.io/config'
  const found: GrownAnnotation[] = []
  const seen = new Set<string>()
  const visit = (message: string, path: string, around: (value: JsonValue) => JsonValue): void => {
    if (seen.has(message)) return
    seen.add(message)
    for (const field of fieldsOfAnyRelease(message)) {
      const inField = (value: JsonValue): JsonValue => around({ [field.json]: value })
      const here = `${path}.${field.json}`
      const make = (items: Items) => (bytes: number) => podWith({ [name]: items(bytes) })
      if (field.container === 'map')
        found.push({
          name: `${name}: ${here}`,
          stays: true,
          make: make((bytes) =>
            JSON.stringify(inField(Object.fromEntries(list(bytes / 20, (i) => [`key-${i}`, `v-${i}`])))),
          ),
        })
      else if (field.container === 'list')
        found.push({
          name: `${name}: ${here}`,
          stays: true,
          make: make((bytes) => JSON.stringify(inField(list(bytes / 10, (i) => `v-${i}`)))),
        })
      else if (field.kind === 'message' && field.type !== undefined) visit(field.type, here, inField)
    }
  }
  visit(proxyConfigMessage, 'ProxyConfig', (value) => value)
  const forms: { readonly [form: string]: Items } = {
    'block map': (bytes) => `proxyMetadata:\n${list(bytes / 20, (i) => `  key-${i}: v-${i}\n`).join('')}`,
    'flow map': (bytes) => `proxyMetadata: {${list(bytes / 20, (i) => `key-${i}: v-${i}`).join(', ')}}`,
    'block list': (bytes) => `proxyMetadata:\n${list(bytes / 10, (i) => `- v-${i}\n`).join('')}`,
    comments: (bytes) => '# x\n'.repeat(bytes / 4),
    'long text': (bytes) => `proxyMetadata: {A: "${'x'.repeat(bytes)}"}`,
    'lines of a block text': (bytes) => `proxyMetadata:\n  A: |\n${'    x\n'.repeat(bytes / 6)}`,
    anchors: (bytes) => list(bytes / 16, (i) => `k${i}: &a${i} v\n`).join(''),
    'equal keys': (bytes) => `{${'"a": 1, '.repeat(bytes / 8)}"a": 1}`,
  }
  for (const [form, items] of Object.entries(forms))
    found.push({
      name: `${name}: ${form}`,
      stays: true,
      make: (bytes) => podWith({ [name]: items(bytes) }),
    })
  return found
}

function volumes(): readonly GrownAnnotation[] {
  const forms: { readonly [form: string]: (count: number) => JsonValue } = {
    map: (count) => Object.fromEntries(list(count, (i) => [`v-${i}`, { emptyDir: {} }])),
    list: (count) => list(count, (i) => ({ name: `v-${i}`, mountPath: `/m-${i}` })),
    'one volume of many items': (count) => ({
      v: { configMap: { items: list(count, (i) => ({ key: `k-${i}`, path: 'p' })) } },
    }),
    'an order of elements': (count) => ({
      v: {
        emptyDir: { x: list(count, (i) => `v-${i}`), '$setElementOrder/x': list(count, (i) => `v-${i}`) },
      },
    }),
  }
  return ['sidecar.istio.io/userVolume', 'sidecar.istio.io/userVolumeMount'].flatMap((annotation) =>
    Object.entries(forms).map(([form, value]) => ({
      name: `${annotation}: ${form}`,
      stays: true,
      make: (bytes: number) => podWith({ [annotation]: JSON.stringify(value(bytes / 35)) }),
    })),
  )
}

function texts(): readonly GrownAnnotation[] {
  const annotations: { readonly [name: string]: Items } = {
    'inject.istio.io/templates': (bytes) => list(bytes / 8, () => 'sidecar').join(','),
    'k8s.v1.cni.cncf.io/networks': (bytes) => list(bytes / 12, (i) => `ns/net-${i}`).join(','),
    'prometheus.istio.io/scrape-targets': (bytes) =>
      list(bytes / 10, (i) => `${1 + (i % 9000)}:/m`).join(','),
    'prometheus.io/port': (bytes) => '9'.repeat(bytes),
    'sidecar.istio.io/extraStatTags': (bytes) => list(bytes / 8, (i) => `tag-${i}`).join(','),
    'sidecar.istio.io/statsInclusionPrefixes': (bytes) => list(bytes / 8, (i) => `tag-${i}`).join(','),
    'traffic.sidecar.istio.io/excludeInboundPorts': (bytes) =>
      list(bytes / 6, (i) => 1 + (i % 60_000)).join(','),
    'traffic.sidecar.istio.io/includeOutboundIPRanges': (bytes) =>
      list(bytes / 11, () => '10.0.0.0/8').join(','),
    'readiness.status.sidecar.istio.io/applicationPorts': (bytes) =>
      list(bytes / 6, (i) => 1 + (i % 60_000)).join(','),
  }
  return Object.entries(annotations).map(([name, items]) => ({
    name: `${name}: a list`,
    stays: !name.startsWith('prometheus'),
    make: (bytes) => podWith({ [name]: items(bytes) }),
  }))
}
