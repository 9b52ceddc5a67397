/** Finds the pod of a manifest, injects it and puts it back: offline what controllers and the API server do. */
import type { InjectionRequest, Outcome, RevisionTarget } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { groupOf, podOfTemplate, templatePath, templateReference } from '../kube/index.ts'

/** Deeper than any real List of Lists. */
const MAX_LIST_DEPTH = 20

/** What `remora inject` needs to make requests. */
export interface InjectContext {
  readonly target: RevisionTarget
  /** For manifests without one. */
  readonly namespace: string
  readonly nowMs: number
  readonly seed: number
  inject(request: InjectionRequest): Outcome
  /** Called for every pod. @param subject kind, namespace and name of the manifest */
  report(subject: string, outcome: Outcome, manifest: ReportedManifest): void
}

export interface ReportedManifest {
  readonly namespace: string
  /** As it was read. */
  readonly object: JsonObject
}

/** The manifest with injected pods; the same object if nothing was injected. */
export function injectManifest(manifest: JsonValue, context: InjectContext, depth = 0): JsonValue {
  if (!isObject(manifest)) return manifest
  const kind = text(manifest, 'kind')
  if (kind === 'List' && text(manifest, 'apiVersion') === 'v1') {
    const items = own(manifest, 'items')
    if (!Array.isArray(items) || depth >= MAX_LIST_DEPTH) return manifest
    const injected = items.map((item: JsonValue) => injectManifest(item, context, depth + 1))
    return injected.some((item, i) => item !== items[i]) ? { ...manifest, items: injected } : manifest
  }
  const path = templatePath(manifest)
  // Knative refuses a template with the fields that injection adds. What a Rollout refers to is injected itself.
  const isForeign =
    groupOf(text(manifest, 'apiVersion')) === 'serving.knative.dev' ||
    templateReference(manifest) !== undefined
  return path === undefined || isForeign ? manifest : injectWorkload(manifest, path, context)
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
  const manifest = { namespace, object: workload }
  if (!isObject(template)) {
    const message = `${path.join('.')} is required and is not an object`
    context.report(subject, { kind: 'refused', code: 'pod-invalid', message, notes: [] }, manifest)
    return workload
  }
  const outcome = context.inject({
    target: context.target,
    namespace,
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subResource: '',
    object: path.length === 0 ? template : podOfTemplate(template, workload),
    proxyEnv: new Map(),
    nowMs: context.nowMs,
    seed: context.seed,
  })
  context.report(subject, outcome, manifest)
  if (outcome.kind !== 'patched') return workload
  return replaceAt(workload, path, path.length === 0 ? outcome.pod : templateOf(outcome.pod, template))
}

/** The injected pod as a template: without the fields that `podOf` added. */
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

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isObject(value) ? value : {}
}

function text(object: JsonObject, key: string): string {
  const value = own(object, key)
  return typeof value === 'string' ? value : ''
}
