/**
 * The pods that commands work on: from a workload's template, a file or a review, or as the owner of an existing pod would
 * create it next.
 */
import { decodeReview } from '../admission/index.ts'
import { OBJECT_KINDS, type ObjectKind, type ObjectReader } from '../cluster/index.ts'
import { OptionError } from '../config/index.ts'
import type { InjectionRequest } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import type { CommandIo } from './command.ts'
import { isEmptyDocument, splitDocuments } from './documents.ts'
import { readNamedFile } from './read-file.ts'
import { podOfManifest } from './workloads.ts'

/** One pod to work on. */
export interface PodSubject {
  /** `Pod shop/web-1`. */
  readonly title: string
  readonly namespace: string
  /** The pod that would be created next. */
  readonly pod: JsonObject
  /** The existing pod, if there is one. */
  readonly existing?: JsonObject
  /** The owner of the pod template: `Deployment shop/web`. */
  readonly owner?: string
  /** Only for a review. */
  readonly operation?: string
  readonly objectKind?: { readonly group: string; readonly version: string; readonly kind: string }
  readonly subResource?: string
}

/** As users type them; a pod is its own workload. */
export const WORKLOAD_KINDS = [
  'pod',
  'deployment',
  'statefulset',
  'daemonset',
  'replicaset',
  'replicationcontroller',
  'job',
  'cronjob',
] as const satisfies readonly ObjectKind[]
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number]

export function isWorkloadKind(word: string): word is WorkloadKind {
  return WORKLOAD_KINDS.some((kind) => kind === word)
}

const POD = { group: '', version: 'v1', kind: 'Pod' }

/** The request that the API server would send for it. */
export function requestFor(subject: PodSubject): InjectionRequest {
  return {
    target: { by: 'labels' },
    namespace: subject.namespace,
    operation: subject.operation ?? 'CREATE',
    kind: subject.objectKind ?? POD,
    subResource: subject.subResource ?? '',
    object: subject.pod,
    proxyEnv: new Map(),
    nowMs: Date.now(),
    seed: 0,
  }
}

/** An existing pod, with the pod that its owner would create in its place. */
export async function describeExisting(
  existing: JsonObject,
  namespace: string,
  objects: ObjectReader,
): Promise<PodSubject> {
  const title = `Pod ${namespace}/${textOf(existing, 'name')}`
  const owner = ownerOf(existing)
  const found = owner === undefined ? undefined : await objects.get(owner.of, { namespace, name: owner.name })
  const next = found === undefined ? undefined : podOfManifest(found)
  if (owner === undefined || next === undefined) return { title, namespace, existing, pod: unbind(existing) }
  return {
    title,
    namespace,
    existing,
    pod: next,
    owner: `${OBJECT_KINDS[owner.of].kind} ${namespace}/${owner.name}`,
  }
}

/** The controller that has the template: behind a ReplicaSet its Deployment. */
export function ownerOf(pod: JsonObject): { readonly of: WorkloadKind; readonly name: string } | undefined {
  const controller = controllerOf(pod)
  if (controller === undefined) return undefined
  const { kind, name } = controller
  if (kind === 'replicaset') {
    const hash = text(objectAt(objectAt(pod, 'metadata'), 'labels'), 'pod-template-hash')
    return hash !== '' && name.endsWith(`-${hash}`)
      ? { of: 'deployment', name: name.slice(0, -hash.length - 1) }
      : { of: 'replicaset', name }
  }
  // Custom resources have no known template.
  return isWorkloadKind(kind) && kind !== 'pod' ? { of: kind, name } : undefined
}

/** From the owner references: the kind in lower case, and the name. */
export function controllerOf(
  object: JsonObject,
): { readonly kind: string; readonly name: string } | undefined {
  const references = own(objectAt(object, 'metadata'), 'ownerReferences')
  const controller = (Array.isArray(references) ? references : [])
    .filter(isObject)
    .find((reference) => own(reference, 'controller') === true)
  return controller && { kind: text(controller, 'kind').toLowerCase(), name: text(controller, 'name') }
}

/** A completed pod is not restarted. */
export function isFinished(pod: JsonObject): boolean {
  const phase = text(objectAt(pod, 'status'), 'phase')
  return phase === 'Succeeded' || phase === 'Failed'
}

/** Without the fields that only a running pod has. */
export function unbind(pod: JsonObject): JsonObject {
  const { status: _, ...rest } = pod
  const { nodeName: __, ...spec } = objectAt(pod, 'spec')
  return { ...rest, spec }
}

/** The file, and the namespace for manifests without one. */
interface FileOptions {
  readonly filename?: string | undefined
  readonly namespace: string
}

/** Every pod of the file: from manifests, Lists and AdmissionReviews. */
export async function readPodsOfFile(options: FileOptions, io: CommandIo): Promise<readonly PodSubject[]> {
  const file = options.filename ?? '-'
  const whole = file === '-' ? await io.readStdin() : await readNamedFile(file, '--filename')
  const source = file === '-' ? 'standard input' : file
  const pods = splitDocuments(whole)
    .filter((document) => !isEmptyDocument(document))
    .flatMap((document) => {
      const value = parseYaml('\n'.repeat(document.line - 1) + document.text, { source })
      return podsOf(value, options.namespace)
    })
  if (pods.length === 0)
    throw new OptionError('argument-unexpected', `${source} contains no pod, workload or AdmissionReview`)
  return pods
}

function podsOf(value: JsonValue, fallback: string): readonly PodSubject[] {
  if (!isObject(value)) return []
  const kind = text(value, 'kind')
  if (kind === 'AdmissionReview') return [podOfReview(value)]
  const items = own(value, 'items')
  // kubectl does not nest Lists.
  if (kind === 'List' && Array.isArray(items))
    return items.flatMap((item) => (isObject(item) ? oneOf(item, fallback) : []))
  return oneOf(value, fallback)
}

function oneOf(manifest: JsonObject, fallback: string): readonly PodSubject[] {
  const pod = podOfManifest(manifest)
  if (pod === undefined) return []
  const namespace = textOf(pod, 'namespace') || textOf(manifest, 'namespace') || fallback
  const name = textOf(manifest, 'name') || textOf(manifest, 'generateName')
  return [{ title: `${text(manifest, 'kind')} ${namespace}/${name}`, namespace, pod }]
}

function podOfReview(value: JsonObject): PodSubject {
  const review = decodeReview(Buffer.from(JSON.stringify(value)), 'application/json')
  if (review.kind === 'failure')
    throw new OptionError('argument-unexpected', `${review.code}: ${review.message}`)
  const { namespace, object, operation, objectKind, subResource } = review
  const name = textOf(object, 'name') || textOf(object, 'generateName') || review.name
  const title = `${objectKind.kind} ${namespace}/${name}`
  return { title, namespace, pod: object, operation, objectKind, subResource }
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = own(object, key)
  return isObject(value) ? value : {}
}

function text(object: JsonObject, key: string): string {
  const value = own(object, key)
  return typeof value === 'string' ? value : ''
}

/** Of its metadata. */
export function textOf(object: JsonObject, key: string): string {
  return text(objectAt(object, 'metadata'), key)
}
