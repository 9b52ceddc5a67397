/**
 * Owns: the pods that commands ask about: as a workload's template, a file or a review has them, or as the owner of one
 * that exists would create it next. Not here: which of them are asked about.
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

/** One pod that is asked about. */
export interface PodSubject {
  /** `Pod shop/web-1`. */
  readonly title: string
  readonly namespace: string
  /** As it would be created next. */
  readonly pod: JsonObject
  /** As it is, where it exists. */
  readonly existing?: JsonObject
  /** Of the pod's template, where it has one: `Deployment shop/web`. */
  readonly owner?: string
  /** Of a review: what it says beside its object. */
  readonly operation?: string
  readonly objectKind?: { readonly group: string; readonly version: string; readonly kind: string }
  readonly subResource?: string
}

/** By the word that people type; a pod is its own. */
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

/** What the API server would ask about it, by the labels. */
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

/** A pod that exists, with the pod that its owner would create in its place. */
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
  // A kind of somebody's own has no template that could be found.
  return isWorkloadKind(kind) && kind !== 'pod' ? { of: kind, name } : undefined
}

/** As its owner references say: the kind in lower case, and the name. */
export function controllerOf(
  object: JsonObject,
): { readonly kind: string; readonly name: string } | undefined {
  const references = own(objectAt(object, 'metadata'), 'ownerReferences')
  const controller = (Array.isArray(references) ? references : [])
    .filter(isObject)
    .find((reference) => own(reference, 'controller') === true)
  return controller && { kind: text(controller, 'kind').toLowerCase(), name: text(controller, 'name') }
}

/** Nobody restarts a pod that ran to its end. */
export function isFinished(pod: JsonObject): boolean {
  const phase = text(objectAt(pod, 'status'), 'phase')
  return phase === 'Succeeded' || phase === 'Failed'
}

/** Without what only a pod that runs has. */
export function unbind(pod: JsonObject): JsonObject {
  const { status: _, ...rest } = pod
  const { nodeName: __, ...spec } = objectAt(pod, 'spec')
  return { ...rest, spec }
}

/** Which file, and the namespace of what names none. */
interface FileOptions {
  readonly filename?: string | undefined
  readonly namespace: string
}

/** Every pod of the file: of manifests, lists of them, and AdmissionReviews. */
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
    throw new OptionError('argument-unexpected', `${source} has no pod, workload or AdmissionReview`)
  return pods
}

function podsOf(value: JsonValue, fallback: string): readonly PodSubject[] {
  if (!isObject(value)) return []
  const kind = text(value, 'kind')
  if (kind === 'AdmissionReview') return [podOfReview(value)]
  const items = own(value, 'items')
  // One level, as kubectl writes it.
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
