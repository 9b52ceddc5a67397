/**
 * The fields of each kind that injection uses; no others are kept. Pure. Package revisions interprets them, and reads
 * exactly these fields of a folder's complete objects.
 */
import {
  isObject,
  type JsonObject,
  type JsonValue,
  type MutableJsonObject,
  own,
  setOwn,
} from '../../json/index.ts'
import { hasReadyEndpoint, ROLLOUT_API_VERSION, ROLLOUT_KIND } from '../../rollout/index.ts'

/** The only annotations of a namespace that Istio reads: OpenShift's uid ranges and groups. */
const NAMESPACE_ANNOTATIONS = 'openshift.io/'
/** Annotations that should be labels, for a warning. */
const MISPLACED_ANNOTATION = 'istio.io/rev'

/** Maps a whole object to its kept part. */
export type NeededFields = (object: JsonObject) => JsonObject

export const namespaceFields: NeededFields = (object) => {
  const metadata = at(object, 'metadata')
  const annotations = at(metadata, 'annotations')
  const kept: MutableJsonObject = {}
  for (const [name, value] of Object.entries(annotations)) {
    if (name.startsWith(NAMESPACE_ANNOTATIONS) || name === MISPLACED_ANNOTATION)
      setOwn(kept, name, taken(value))
  }
  return made('v1', 'Namespace', {
    ...pick(metadata, ['name', 'labels']),
    ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }),
  })
}

export const nodeFields: NeededFields = (object) =>
  made('v1', 'Node', pick(at(object, 'metadata'), ['name']), {
    status: { nodeInfo: pick(at(at(object, 'status'), 'nodeInfo'), ['kubeletVersion']) },
  })

/** The whole data, because the compiled configuration refers to it. */
export const configMapFields: NeededFields = (object) =>
  made('v1', 'ConfigMap', named(object, ['labels', 'uid', 'creationTimestamp']), pick(object, ['data']))

export const deploymentFields: NeededFields = (object) => {
  const podSpec = at(at(at(object, 'spec'), 'template'), 'spec')
  const containers = own(podSpec, 'containers')
  const kept = (Array.isArray(containers) ? containers : [])
    .filter(isObject)
    .map((container) => pick(container, ['name', 'env']))
  return made('apps/v1', 'Deployment', named(object, ['labels']), {
    spec: { template: { spec: { containers: kept } } },
  })
}

export const serviceFields: NeededFields = (object) => made('v1', 'Service', named(object, ['labels', 'uid']))

/** For a ConfigMap or Service that does not count: enough for the report. */
export function nameFields(kind: 'ConfigMap' | 'Service', object: JsonObject): JsonObject {
  const labels = pick(at(at(object, 'metadata'), 'labels'), ['istio.io/tag', 'istio.io/rev'])
  return made('v1', kind, { ...named(object, ['uid']), ...(kind === 'Service' ? { labels } : {}) })
}

/** Without certificates and rules. Selectors of other webhooks are not needed. */
export const webhookConfigurationFields: NeededFields = (object) => {
  const webhooks = own(object, 'webhooks')
  const kept = (Array.isArray(webhooks) ? webhooks : []).filter(isObject).map((webhook) => ({
    ...pick(webhook, ['name', 'namespaceSelector', 'objectSelector']),
    clientConfig: pick(at(webhook, 'clientConfig'), ['service']),
  }))
  return made(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    pick(at(object, 'metadata'), ['name', 'labels']),
    { webhooks: kept },
  )
}

export const proxyConfigFields: NeededFields = (object) =>
  made(
    'networking.istio.io/v1beta1',
    'ProxyConfig',
    named(object, ['creationTimestamp']),
    pick(object, ['spec']),
  )

/** The status only for the percentage that the controller reached. */
export const rolloutFields: NeededFields = (object) => {
  const status = pick(at(object, 'status'), ['percent'])
  return made(
    ROLLOUT_API_VERSION,
    ROLLOUT_KIND,
    pick(at(object, 'metadata'), ['name', 'creationTimestamp']),
    {
      ...pick(object, ['spec']),
      ...(Object.keys(status).length === 0 ? {} : { status }),
    },
  )
}

export const serviceSelectorFields: NeededFields = (object) =>
  made('v1', 'Service', named(object, []), { spec: pick(at(object, 'spec'), ['selector', 'type']) })

/** Only whether there is a ready endpoint, since the others change all the time. */
export const endpointSliceFields: NeededFields = (object) =>
  made('discovery.k8s.io/v1', 'EndpointSlice', named(object, []), {
    endpoints: [{ conditions: { ready: hasReadyEndpoint(object) } }],
  })

/** Items of a list have no apiVersion and kind. */
function made(apiVersion: string, kind: string, metadata: JsonObject, rest: JsonObject = {}): JsonObject {
  return { apiVersion, kind, metadata, ...rest }
}

function named(object: JsonObject, more: readonly string[]): MutableJsonObject {
  return pick(at(object, 'metadata'), ['name', 'namespace', ...more])
}

function pick(object: JsonObject, keys: readonly string[]): MutableJsonObject {
  const picked: MutableJsonObject = {}
  for (const key of keys) {
    const value = own(object, key)
    if (value !== undefined) picked[key] = taken(value)
  }
  return picked
}

function at(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isObject(value) ? value : {}
}

/** Just parsed and not shared, so it needs no copy. */
function taken(value: JsonValue): MutableJsonObject[string] {
  return value as MutableJsonObject[string]
}
