/**
 * The pods that commands work on: from a workload's template, a file or a review, or as the owner of an existing pod would
 * create it next.
 */
import { decodeReview } from '../admission/index.ts'
import type { ObjectReader } from '../cluster/index.ts'
import { OptionError } from '../config/index.ts'
import { undoInjection } from '../dataplane/index.ts'
import type { InjectionRequest, Snapshot } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import {
  objectKindOf,
  ownerOf,
  podOfManifest,
  templateReference,
  titleOfKind,
  type WorkloadKind,
  withTemplateOf,
} from '../kube/index.ts'
import type { CommandIo } from './command.ts'
import { isEmptyDocument, splitDocuments } from './documents.ts'
import { withNamespacesOf } from './file-namespaces.ts'
import { readNamedFile } from './read-file.ts'

/** One pod to work on. */
export interface PodSubject {
  /** `Pod shop/web-1`. */
  readonly title: string
  readonly namespace: string
  /** The pod that would be created next. */
  readonly pod: JsonObject
  /** The object that has the pod template, or the pod itself. */
  readonly object: JsonObject
  /** The existing pod, if there is one. */
  readonly existing?: JsonObject
  /** The owner of the pod template: `Deployment shop/web`. */
  readonly owner?: string
  /** Only for a review. */
  readonly operation?: string
  readonly objectKind?: { readonly group: string; readonly version: string; readonly kind: string }
  readonly subResource?: string
  /** Read from a file, so it may differ from an object of the same name in the cluster. */
  readonly fromFile?: true
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

/** Where existing pods are read. */
export interface PodSource {
  readonly objects: ObjectReader
  readonly namespaces: Snapshot['namespaces']
}

/** An existing pod, with the pod that its owner would create in its place. */
export async function describeExisting(
  existing: JsonObject,
  namespace: string,
  { objects, namespaces }: PodSource,
): Promise<PodSubject> {
  const title = `Pod ${namespace}/${textOf(existing, 'name')}`
  const owner = ownerOf(existing)
  const found = owner && (await getWorkload(owner.of, { namespace, name: owner.name }, objects))
  const next = found === undefined ? undefined : podOfManifest(found)
  if (owner === undefined || next === undefined) {
    const pod = undoInjection(existing, namespaces.get(namespace)?.labels)
    return { title, namespace, existing, object: existing, pod }
  }
  return {
    title,
    namespace,
    existing,
    object: found ?? existing,
    pod: next,
    owner: `${titleOfKind(owner.of)} ${namespace}/${owner.name}`,
  }
}

/** The object, with the template of the workload that it refers to; undefined if it does not exist. */
export async function getWorkload(
  of: WorkloadKind,
  at: { readonly namespace: string; readonly name: string },
  objects: ObjectReader,
): Promise<JsonObject | undefined> {
  const found = await objects.get(of, at)
  const reference = found && templateReference(found)
  const referred = reference && objectKindOf(reference.apiVersion, reference.kind)
  if (found === undefined || reference === undefined || referred === undefined) return found
  const template = await objects.get(referred, { namespace: at.namespace, name: reference.name })
  return template === undefined ? found : withTemplateOf(found, template)
}

/** The file, and the namespace for manifests without one. */
interface FileOptions {
  readonly filename?: string | undefined
  readonly namespace: string
}

export interface PodFile {
  readonly pods: readonly PodSubject[]
  /** The snapshot with the Namespaces of the file. */
  withNamespaces(snapshot: Snapshot): Snapshot
}

/** Every pod of the file: from manifests, Lists and AdmissionReviews. */
export async function readPodsOfFile(options: FileOptions, io: CommandIo): Promise<PodFile> {
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
  return {
    pods: pods.map((pod) => ({ ...pod, fromFile: true })),
    withNamespaces: (snapshot) => withNamespacesOf(whole, source, snapshot),
  }
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
  const of = objectKindOf(text(manifest, 'apiVersion'), text(manifest, 'kind'))
  const kind = of === undefined ? text(manifest, 'kind') : titleOfKind(of)
  return [{ title: `${kind} ${namespace}/${name}`, namespace, object: manifest, pod }]
}

function podOfReview(value: JsonObject): PodSubject {
  const review = decodeReview(Buffer.from(JSON.stringify(value)), 'application/json')
  if (review.kind === 'failure')
    throw new OptionError('argument-unexpected', `${review.code}: ${review.message}`)
  const { namespace, object, operation, objectKind, subResource } = review
  const name = textOf(object, 'name') || textOf(object, 'generateName') || review.name
  const title = `${objectKind.kind} ${namespace}/${name}`
  return { title, namespace, object, pod: object, operation, objectKind, subResource }
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
