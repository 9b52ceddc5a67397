/**
 * The changes that the API server, a LimitRange, the ServiceAccount plugin and another mutating webhook make to an
 * injected pod, for tests of the ledger.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../../src/json/index.ts'
import { containersOf, isList, listAt, metadataOf, objectAt, specOf, textAt } from '../../src/kube/index.ts'

type Loose = { [key: string]: JsonValue }

export const CREATED = '2026-01-02T00:00:00Z'

/** The pod as it is stored: with defaults, and without the empty values that Go omits. */
export function storePod(pod: JsonObject): JsonObject {
  const sent = specOf(pod)
  const token = { name: 'kube-api-access-x7k2p', projected: { defaultMode: 420, sources: [] } }
  const spec: Loose = {
    ...sent,
    restartPolicy: own(sent, 'restartPolicy') ?? 'Always',
    dnsPolicy: own(sent, 'dnsPolicy') ?? 'ClusterFirst',
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
    volumes: [...listAt(sent, 'volumes').filter(isObject).map(storeVolume), token],
  }
  for (const field of ['containers', 'initContainers'] as const)
    if (isList(own(sent, field))) spec[field] = containersOf(pod, field).map(storeContainer)
  const metadata = {
    ...metadataOf(pod),
    creationTimestamp: CREATED,
    labels: { 'pod-template-hash': 'abc', ...objectAt(metadataOf(pod), 'labels') },
  }
  return { ...pod, metadata, spec: omitEmpty(spec), status: { phase: 'Running' } }
}

function storeVolume(volume: JsonObject): JsonObject {
  const changed: Loose = { ...volume }
  const source = Object.keys(volume).find((key) => key !== 'name')
  if (source === undefined) changed['emptyDir'] = {}
  for (const key of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const value = own(volume, key)
    if (isObject(value)) changed[key] = { defaultMode: 420, ...value }
  }
  return changed
}

function storeContainer(container: JsonObject): JsonObject {
  const image = textAt(container, 'image')
  const changed: Loose = {
    imagePullPolicy: /:latest$/.test(image) || !image.includes(':') ? 'Always' : 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    volumeMounts: [
      ...listAt(container, 'volumeMounts'),
      {
        name: 'kube-api-access-x7k2p',
        readOnly: true,
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
    ],
  }
  if (changed['imagePullPolicy'] === '') changed['imagePullPolicy'] = 'IfNotPresent'
  for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = own(container, key)
    if (!isObject(probe)) continue
    const numbers = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
    const httpGet = own(probe, 'httpGet')
    changed[key] = {
      ...numbers,
      ...probe,
      ...(isObject(httpGet) && { httpGet: { path: '/', scheme: 'HTTP', ...httpGet } }),
    }
  }
  changed['ports'] = listAt(container, 'ports')
    .filter(isObject)
    .map((port) => ({ protocol: 'TCP', ...port }))
  changed['env'] = listAt(container, 'env')
    .filter(isObject)
    .map((variable) => {
      const field = own(objectAt(variable, 'valueFrom'), 'fieldRef')
      return isObject(field)
        ? { ...variable, valueFrom: { fieldRef: { apiVersion: 'v1', ...field } } }
        : variable
    })
  const resources = objectAt(container, 'resources')
  const [requests, limits] = [objectAt(resources, 'requests'), objectAt(resources, 'limits')]
  changed['resources'] = { ...resources, requests: { ...limits, ...requests } }
  return changed
}

/** Go's omitempty, everywhere but where an empty value says something. */
function omitEmpty(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, JsonValue] => [key, key === 'emptyDir' ? inner : omitIn(key, inner)])
      .filter(([key, inner]) => key === 'emptyDir' || !isOmitted(key, inner)),
  )
}

function omitIn(key: string, value: JsonValue): JsonValue {
  if (isList(value)) return value.map((item) => omitIn(key, item))
  return isObject(value) && key !== 'annotations' && key !== 'labels' ? omitEmpty(value) : value
}

const POINTERS = new Set([
  'privileged',
  'allowPrivilegeEscalation',
  'readOnlyRootFilesystem',
  'runAsNonRoot',
  'runAsUser',
])

function isOmitted(key: string, value: JsonValue): boolean {
  if (POINTERS.has(key)) return value === null
  if (value === null || value === '' || value === false) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** A policy engine: adds a container, a variable and an annotation, mirrors images, and sizes the proxy. */
export function rewriteAsPolicy(pod: JsonObject): JsonObject {
  const spec: Loose = { ...specOf(pod) }
  for (const field of ['containers', 'initContainers'] as const) {
    if (!isList(own(specOf(pod), field))) continue
    spec[field] = containersOf(pod, field).map((container) => {
      const image = textAt(container, 'image')
      const proxied = textAt(container, 'name') === 'istio-proxy'
      return {
        ...container,
        image: `mirror.example.com/all/${image.slice(image.lastIndexOf('/') + 1)}`,
        imagePullPolicy: 'Always',
        env: [...listAt(container, 'env'), { name: 'POLICY_REGION', value: 'eu' }],
        ...(proxied && {
          resources: { requests: { cpu: '33m', memory: '77Mi' }, limits: { memory: '777Mi' } },
        }),
      }
    })
  }
  spec['containers'] = [...listAt(spec, 'containers'), { name: 'policy-agent', image: 'agent:1' }]
  const metadata = metadataOf(pod)
  return {
    ...pod,
    metadata: {
      ...metadata,
      annotations: { ...objectAt(metadata, 'annotations'), 'policy.example.com/applied': 'yes' },
    },
    spec,
  }
}

/** A LimitRange with defaults for every container that states none. */
export function limitRange(pod: JsonObject): JsonObject {
  const spec: Loose = { ...specOf(pod) }
  const set: string[] = []
  for (const field of ['containers', 'initContainers'] as const) {
    if (!isList(own(specOf(pod), field))) continue
    spec[field] = containersOf(pod, field).map((container) => {
      const resources = objectAt(container, 'resources')
      if (own(objectAt(resources, 'limits'), 'ephemeral-storage') !== undefined) return container
      const [requests, limits] = [objectAt(resources, 'requests'), objectAt(resources, 'limits')]
      const kind = field === 'containers' ? 'container' : 'init container'
      set.push(`cpu, ephemeral-storage request for ${kind} ${textAt(container, 'name')}`)
      return {
        ...container,
        resources: {
          ...resources,
          requests: { cpu: '50m', 'ephemeral-storage': '1Gi', ...requests },
          limits: { 'ephemeral-storage': '2Gi', ...limits },
        },
      }
    })
  }
  const metadata = metadataOf(pod)
  const text = `LimitRanger plugin set: ${set.join('; ')}`
  const annotations = { ...objectAt(metadata, 'annotations'), 'kubernetes.io/limit-ranger': text }
  return { ...pod, metadata: { ...metadata, annotations }, spec }
}
