/**
 * A running pod with its injection undone: nearly the pod that was submitted, with what other writers added. Used for pods
 * whose template is not known, such as bare pods that would be created again, and to recognise what other writers added before
 * injection.
 */
import { STATUS } from '../inject/index.ts'
import { PROXY_CONTAINER } from '../istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import {
  annotationOf,
  type ContainerField,
  containersOf,
  INJECTION_LABEL,
  isList,
  metadataOf,
  objectAt,
  REVISION_LABEL,
  specOf,
  textAt,
} from '../kube/index.ts'
import {
  type EarlierInjection,
  parseObject,
  proxyVariable,
  readEarlierInjection,
  readProbers,
} from './earlier-injection.ts'

const OVERRIDES = 'proxy.istio.io/overrides'
/** What every injection writes, beside the status; a user's own values are stated again in the same form. */
const WRITTEN_ANNOTATIONS: ReadonlySet<string> = new Set([STATUS, OVERRIDES, 'istio.io/rev'])
const PROMETHEUS = 'prometheus.io/'

/** @param namespaceLabels those of its namespace; without them the label `istio.io/rev` stays, whoever wrote it */
export function undoInjection(pod: JsonObject, namespaceLabels?: ReadonlyMap<string, string>): JsonObject {
  const { status: _, ...rest } = pod
  const earlier = readEarlierInjection(pod)
  if (earlier === undefined) return { ...rest, spec: unbound(specOf(pod)) }
  const spec: { [key: string]: JsonValue } = { ...unbound(specOf(pod)) }
  const overrides = parseObject(annotationOf(pod, OVERRIDES)) ?? {}
  const probers = readProbers(pod)
  for (const field of ['containers', 'initContainers'] as const) {
    const kept = keepOwn(pod, field, earlier).map((container) => restoreProbes(container, probers))
    const names = new Set(kept.map((container) => textAt(container, 'name')))
    const list = own(overrides, field)
    const overridden = (isList(list) ? list.filter(isObject) : []).filter(
      (container) => !names.has(textAt(container, 'name')),
    )
    spec[field] = [...kept, ...overridden]
  }
  for (const field of ['volumes', 'imagePullSecrets'] as const) {
    const list = own(spec, field)
    if (isList(list))
      spec[field] = list.filter((item) => !isObject(item) || !earlier.names[field].has(textAt(item, 'name')))
  }
  return { ...rest, metadata: ownMetadata(pod, namespaceLabels), spec }
}

function unbound(spec: JsonObject): JsonObject {
  const { nodeName: _, ...rest } = spec
  return rest
}

const OTHER = { containers: 'initContainers', initContainers: 'containers' } as const

function keepOwn(pod: JsonObject, field: ContainerField, { names }: EarlierInjection): readonly JsonObject[] {
  return containersOf(pod, field).filter((container) => {
    const name = textAt(container, 'name')
    // Somebody may have moved the proxy to the other list since.
    return !names[field].has(name) && !(name === PROXY_CONTAINER && names[OTHER[field]].has(name))
  })
}

function ownMetadata(pod: JsonObject, namespaceLabels: ReadonlyMap<string, string> | undefined): JsonObject {
  const metadata = metadataOf(pod)
  const annotations = objectAt(metadata, 'annotations')
  const merged = own(annotations, 'prometheus.io/port') === '15020'
  const kept = Object.entries(annotations).filter(
    ([name]) => !WRITTEN_ANNOTATIONS.has(name) && !(merged && name.startsWith(PROMETHEUS)),
  )
  return {
    ...metadata,
    labels: ownLabels(objectAt(metadata, 'labels'), namespaceLabels),
    annotations: { ...Object.fromEntries(kept), ...(merged && mergedAnnotations(pod)) },
  }
}

/** Where the namespace decides, the revision label has no effect, and Remora may have written it (`--label-revision`). */
function ownLabels(labels: JsonObject, ofNamespace: ReadonlyMap<string, string> | undefined): JsonObject {
  if (ofNamespace?.has(INJECTION_LABEL) !== true && ofNamespace?.has(REVISION_LABEL) !== true) return labels
  const { [REVISION_LABEL]: _, ...own } = labels
  return own
}

/** The application's own annotations, which the agent reads from its environment since they were replaced. */
function mergedAnnotations(pod: JsonObject): JsonObject {
  const texts = parseObject(proxyVariable(pod, 'ISTIO_PROMETHEUS_ANNOTATIONS')) ?? {}
  const entries = ['scrape', 'path', 'port'].map(
    (key) => [`${PROMETHEUS}${key}`, textAt(texts, key)] as const,
  )
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

const HANDLERS = [
  { keys: ['readinessProbe'], path: (name: string) => `/app-health/${name}/readyz` },
  { keys: ['livenessProbe'], path: (name: string) => `/app-health/${name}/livez` },
  { keys: ['startupProbe'], path: (name: string) => `/app-health/${name}/startupz` },
  { keys: ['lifecycle', 'preStop'], path: (name: string) => `/app-lifecycle/${name}/prestopz` },
  { keys: ['lifecycle', 'postStart'], path: (name: string) => `/app-lifecycle/${name}/poststartz` },
] as const

/** Probes and handlers as they were before pilot-agent took them over. */
function restoreProbes(container: JsonObject, probers: JsonObject): JsonObject {
  const name = textAt(container, 'name')
  let restored = container
  for (const { keys, path } of HANDLERS) {
    const prober = own(probers, path(name))
    if (!isObject(prober)) continue
    const { timeoutSeconds: _, ...action } = prober
    const [first, second] = keys
    const outer = objectAt(restored, first)
    const handler = second === undefined ? outer : objectAt(outer, second)
    const { httpGet: __, ...settings } = handler
    const whole = { ...settings, ...action }
    restored = { ...restored, [first]: second === undefined ? whole : { ...outer, [second]: whole } }
  }
  return restored
}
