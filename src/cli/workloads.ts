/**
 * Owns: where a manifest holds its pod, and how that pod goes through `inject` and back into the manifest: the offline
 * counterpart of what controllers and the API server do. Not here: reading and printing (inject.ts).
 */
import type { InjectionRequest, Outcome, RevisionTarget } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'

/** API group and kind, and the way to the pod's template; a Pod is its own. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['/Pod', []],
  ['/ReplicationController', ['spec', 'template']],
  ['apps/Deployment', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
])

/** Deep enough for any real List of Lists, and an end for a hostile one. */
const MAX_LIST_DEPTH = 20

/** What `remora inject` has to know to make requests. */
export interface InjectContext {
  readonly target: RevisionTarget
  /** Of manifests that name none. */
  readonly namespace: string
  readonly nowMs: number
  readonly seed: number
  inject(request: InjectionRequest): Outcome
  /** Told for every pod, with the manifest's kind, namespace and name. */
  report(subject: string, outcome: Outcome): void
}

/** The manifest with its pods injected; the very same value where there is nothing to do. */
export function injectManifest(manifest: JsonValue, context: InjectContext, depth = 0): JsonValue {
  if (!isObject(manifest)) return manifest
  const kind = text(manifest, 'kind')
  if (kind === 'List' && text(manifest, 'apiVersion') === 'v1') {
    const items = own(manifest, 'items')
    if (!Array.isArray(items) || depth >= MAX_LIST_DEPTH) return manifest
    const injected = items.map((item: JsonValue) => injectManifest(item, context, depth + 1))
    return injected.some((item, i) => item !== items[i]) ? { ...manifest, items: injected } : manifest
  }
  const path = TEMPLATES.get(`${groupOf(manifest)}/${kind}`)
  return path === undefined ? manifest : injectWorkload(manifest, path, context)
}

/** The pod that a manifest stands for, as its controller would create it; undefined for other kinds. */
export function podOfManifest(manifest: JsonObject): JsonObject | undefined {
  const path = TEMPLATES.get(`${groupOf(manifest)}/${text(manifest, 'kind')}`)
  if (path === undefined) return undefined
  let template: JsonValue | undefined = manifest
  for (const key of path) template = isObject(template) ? own(template, key) : undefined
  if (!isObject(template)) return undefined
  return path.length === 0 ? template : podOf(template, manifest)
}

function injectWorkload(workload: JsonObject, path: readonly string[], context: InjectContext): JsonObject {
  let template: JsonValue | undefined = workload
  for (const key of path) template = isObject(template) ? own(template, key) : undefined
  const metadata = objectAt(workload, 'metadata')
  const namespace =
    (isObject(template) && text(objectAt(template, 'metadata'), 'namespace')) ||
    text(metadata, 'namespace') ||
    context.namespace
  const subject = `${text(workload, 'kind')} ${namespace}/${text(metadata, 'name') || text(metadata, 'generateName')}`
  if (!isObject(template)) {
    const message = `${path.join('.')} is required and is not an object`
    context.report(subject, { kind: 'refused', code: 'pod-invalid', message, notes: [] })
    return workload
  }
  const outcome = context.inject({
    target: context.target,
    namespace,
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subResource: '',
    object: path.length === 0 ? template : podOf(template, workload),
    proxyEnv: new Map(),
    nowMs: context.nowMs,
    seed: context.seed,
  })
  context.report(subject, outcome)
  if (outcome.kind !== 'patched') return workload
  return replaceAt(workload, path, path.length === 0 ? outcome.pod : templateOf(outcome.pod, template))
}

/**
 * The pod that a controller would create: owned by the workload, which is where Istio reads the workload's name from,
 * and with a generated name, without which it does not look at owners.
 */
function podOf(template: JsonObject, workload: JsonObject): JsonObject {
  const name = text(objectAt(workload, 'metadata'), 'name')
  const owner = {
    apiVersion: text(workload, 'apiVersion'),
    kind: text(workload, 'kind'),
    name,
    uid: '',
    controller: true,
  }
  const metadata = { ...objectAt(template, 'metadata'), generateName: `${name}-`, ownerReferences: [owner] }
  return { ...template, apiVersion: 'v1', kind: 'Pod', metadata }
}

/** The injected pod as a template again: without what `podOf` added. */
function templateOf(pod: JsonObject, template: JsonObject): JsonObject {
  const before = objectAt(template, 'metadata')
  const metadata: { [key: string]: JsonValue } = { ...objectAt(pod, 'metadata') }
  for (const key of ['generateName', 'ownerReferences']) {
    delete metadata[key]
    const kept = own(before, key)
    if (kept !== undefined) metadata[key] = kept
  }
  const result: { [key: string]: JsonValue } = { ...pod, metadata }
  for (const key of ['apiVersion', 'kind']) {
    delete result[key]
    const kept = own(template, key)
    if (kept !== undefined) result[key] = kept
  }
  return result
}

function replaceAt(object: JsonObject, path: readonly string[], value: JsonObject): JsonObject {
  const [key, ...rest] = path
  if (key === undefined) return value
  return { ...object, [key]: replaceAt(objectAt(object, key), rest, value) }
}

function groupOf(manifest: JsonObject): string {
  const apiVersion = text(manifest, 'apiVersion')
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isObject(value) ? value : {}
}

function text(object: JsonObject, key: string): string {
  const value = own(object, key)
  return typeof value === 'string' ? value : ''
}
