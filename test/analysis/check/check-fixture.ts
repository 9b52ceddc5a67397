/** A small healthy cluster as plain objects, and the findings of changed copies. Not a test. */
import { ClusterFacts, checkCluster } from '../../../src/analysis/index.ts'
import { publicCertificates } from '../../../src/certs/index.ts'
import type { JsonObject } from '../../../src/json/index.ts'
import { kindRow, OBJECT_KINDS, type ObjectKind } from '../../../src/kube/index.ts'
import type { ClusterObject, SnapshotOptions } from '../../../src/revisions/index.ts'
import { build, namespace, noOptions, object } from '../../revisions/cluster-objects.ts'
import '../findings/declared-codes.ts'

const TEMPLATE = `spec:
  containers:
  - name: istio-proxy
    image: "{{ .ProxyImage }}"
    lifecycle: {postStart: {exec: {command: [pilot-agent, wait]}}}
    env:
    - name: PROXY_CONFIG
      value: |
        {{ protoToJSON .ProxyConfig }}
    - name: CA_ADDR
      value: istiod{{ if .Values.revision }}-{{ .Values.revision }}{{ end }}.istio-system.svc:15012
`

export interface RevisionSketch {
  readonly template?: string
  /** Further templates. */
  readonly templates?: { readonly [name: string]: string }
  readonly config?: JsonObject
  readonly values?: JsonObject
  /** YAML; null: there is no mesh ConfigMap. */
  readonly mesh?: string | null
  readonly labels?: JsonObject
  readonly namespace?: string
}

const suffixed = (base: string, name: string) => (name === 'default' ? base : `${base}-${name}`)

export function configMaps(name: string, sketch: RevisionSketch = {}): readonly ClusterObject[] {
  const { namespace: home = 'istio-system', labels = { 'app.kubernetes.io/version': '1.30.3' } } = sketch
  const metadata = (base: string): JsonObject => ({ name: suffixed(base, name), namespace: home, labels })
  const config = {
    policy: 'enabled',
    defaultTemplates: ['sidecar'],
    templates: { sidecar: sketch.template ?? TEMPLATE, ...sketch.templates },
    ...sketch.config,
  }
  const values = {
    global: { hub: 'istio', tag: '1.30.3', proxy: { image: 'proxyv2' } },
    revision: name === 'default' ? '' : name,
    ...sketch.values,
  }
  const address = `${suffixed('istiod', name)}.${home}.svc:15012`
  const mesh = sketch.mesh === undefined ? `defaultConfig:\n  discoveryAddress: ${address}\n` : sketch.mesh
  return [
    object('v1', 'ConfigMap', metadata('istio-sidecar-injector'), {
      data: { config: JSON.stringify(config), values: JSON.stringify(values, undefined, 2) },
    }),
    ...(mesh === null ? [] : [object('v1', 'ConfigMap', metadata('istio'), { data: { mesh } })]),
  ]
}

export function service(name: string, labels: JsonObject = {}, ports: readonly number[] = [15012, 443]) {
  const metadata = { name, namespace: 'istio-system', labels }
  return object('v1', 'Service', metadata, { spec: { ports: ports.map((port) => ({ port })) } })
}

/** No certificate: only tests of certificates read it. */
export const CA_BUNDLE = 'Q0E='

export interface WebhookSketch {
  readonly name: string
  readonly labels: JsonObject
  readonly service: string
  /** Of its one webhook. */
  readonly namespaceSelector: JsonObject
}

export function webhook({ name, labels, service: called, namespaceSelector }: WebhookSketch): ClusterObject {
  const one = {
    name: 'namespace.sidecar-injector.istio.io',
    clientConfig: {
      service: { name: called, namespace: 'istio-system', path: '/inject' },
      caBundle: CA_BUNDLE,
    },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    namespaceSelector,
  }
  return object(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    { name, labels },
    {
      webhooks: [one],
    },
  )
}

/** ConfigMaps, Service and webhook of one revision, as an install leaves them. */
export function install(name: string, sketch: RevisionSketch = {}): readonly ClusterObject[] {
  const istiod = suffixed('istiod', name)
  return [...configMaps(name, sketch), service(istiod, { 'istio.io/rev': name }), webhookOf(name)]
}

export function webhookOf(name: string): ClusterObject {
  return webhook({
    name: suffixed('istio-sidecar-injector', name),
    labels: { 'istio.io/rev': name },
    service: suffixed('istiod', name),
    namespaceSelector:
      name === 'default'
        ? { matchLabels: { 'istio-injection': 'enabled' } }
        : {
            matchLabels: { 'istio.io/rev': name },
            matchExpressions: [{ key: 'istio-injection', operator: 'DoesNotExist' }],
          },
  })
}

/** Two revisions and a namespace on each. */
export const healthy: readonly ClusterObject[] = [
  ...install('default'),
  ...install('canary'),
  namespace('shop', { 'istio-injection': 'enabled' }),
  namespace('bank', { 'istio.io/rev': 'canary' }),
  namespace('plain'),
]

/** @param title `Deployment shop/web`: the kind and the name of the owner, or of a pod */
export function workload(
  title: string,
  namespaceName: string,
  { labels = {}, annotations = {}, spec = {} }: PodSketch = {},
): ClusterObject {
  const [kind = '', path = ''] = title.split(' ')
  const name = path.slice(path.indexOf('/') + 1)
  const pod = {
    metadata: { labels, annotations },
    spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
  }
  const metadata = { name, namespace: namespaceName }
  if (kind === 'Pod')
    return object('v1', kind, { ...pod.metadata, ...metadata }, { spec: pod.spec as JsonObject })
  return object(kind === 'Job' ? 'batch/v1' : 'apps/v1', kind, metadata, { spec: { template: pod } })
}

export interface PodSketch {
  readonly labels?: JsonObject
  readonly annotations?: JsonObject
  readonly spec?: JsonObject
}

export interface Question {
  readonly workloads?: readonly ClusterObject[]
  readonly target?: string
  /** If set, certificates are checked too. */
  readonly nowMs?: number
  readonly options?: SnapshotOptions
}

export function factsOf(objects: readonly ClusterObject[], question: Question = {}): ClusterFacts {
  const all = [...objects, ...(question.workloads ?? [])]
  const { snapshot } = build(objects, undefined, question.options ?? noOptions)
  const whole = all.map(({ object: one }) => one as JsonObject)
  const byKind = new Map<ObjectKind, readonly JsonObject[]>()
  const words = Object.keys(OBJECT_KINDS) as ObjectKind[] // the keys of the table
  for (const word of words) {
    const { kind, apiVersion, named } = kindRow(word)
    const found = whole.filter(
      (one) =>
        one['kind'] === kind &&
        one['apiVersion'] === apiVersion &&
        (named === undefined || (one['metadata'] as JsonObject)['name'] === named), // every object here has metadata
    )
    if (found.length > 0) byKind.set(word, found)
  }
  const known = new Set([...byKind.values()].flat())
  return new ClusterFacts({
    snapshot,
    options: {},
    problems: snapshot.problems,
    objects: byKind,
    others: whole.filter((one) => !known.has(one)),
    certificates: question.nowMs === undefined ? undefined : publicCertificates,
    target: question.target,
    nowMs: question.nowMs ?? 0,
    seed: 0,
  })
}

export function checkObjects(objects: readonly ClusterObject[], question: Question = {}) {
  return checkCluster(factsOf(objects, question))
}

/** `severity code revision: object`, of everything that is found. */
export function linesOf(objects: readonly ClusterObject[], question: Question = {}): readonly string[] {
  return checkObjects(objects, question).findings.map(
    ({ severity, code, revision = '-', where }) => `${severity} ${code} ${revision}: ${where.object}`,
  )
}

/** The objects without those of a kind, or without that one of it. */
export function without(objects: readonly ClusterObject[], kind: string, name?: string) {
  return objects.filter(({ object: one }) => {
    const named = (one['metadata'] as JsonObject)['name'] // every object here has metadata
    return one['kind'] !== kind || (name !== undefined && named !== name)
  })
}
