/** Owns: what `remora explain` is asked about: its arguments, and the pod behind them, from file or cluster. */
import { readFile } from 'node:fs/promises'
import { decodeReview } from '../admission/index.ts'
import { OBJECT_KINDS, type ObjectKind, type ObjectReader } from '../cluster/index.ts'
import { type ExplainOptions, OptionError } from '../config/index.ts'
import { type Code, isCode } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../json/index.ts'
import type { CommandIo } from './command.ts'
import { isEmptyDocument, splitDocuments } from './documents.ts'
import { podOfManifest } from './workloads.ts'

export type Subject =
  | { readonly kind: 'code'; readonly code: Code }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'object'; readonly of: ObjectKind; readonly namespace: string; readonly name: string }

/** One pod to explain. */
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

const SHORT: ReadonlyMap<string, string> = new Map([
  ['po', 'pod'],
  ['deploy', 'deployment'],
  ['sts', 'statefulset'],
  ['ds', 'daemonset'],
  ['rs', 'replicaset'],
  ['rc', 'replicationcontroller'],
  ['cj', 'cronjob'],
  ['ns', 'namespace'],
])
const WORKLOADS = [
  'pod',
  'deployment',
  'statefulset',
  'daemonset',
  'replicaset',
  'replicationcontroller',
  'job',
  'cronjob',
]

/** @throws OptionError `argument-unexpected` */
export function readSubject(words: readonly string[], options: ExplainOptions): Subject {
  const [first, second, ...rest] = words
  if (rest.length > 0) throw wrong(`unexpected argument ${JSON.stringify(rest[0])}`)
  if (first === undefined) {
    if (options.filename === undefined) throw wrong('nothing to explain')
    return { kind: 'file', file: options.filename }
  }
  if (options.filename !== undefined) throw wrong('both -f and arguments are given')
  if (second === undefined) {
    if (isCode(first)) return { kind: 'code', code: first }
    throw wrong(`${JSON.stringify(first)} is no code, and without a name it is nothing else`)
  }
  const word = first.toLowerCase()
  const singular = SHORT.get(word) ?? word.replace(/s$/, '')
  if (singular === 'namespace') return { kind: 'namespace', name: second }
  if (!WORKLOADS.includes(singular))
    throw wrong(`${JSON.stringify(first)} is none of ${WORKLOADS.join(', ')}, namespace`)
  const slash = second.indexOf('/')
  return {
    kind: 'object',
    of: singular as ObjectKind, // one of WORKLOADS, all of which are kinds
    namespace: slash < 0 ? options.namespace : second.slice(0, slash),
    name: second.slice(slash + 1),
  }
}

function wrong(problem: string): OptionError {
  return new OptionError(
    'argument-unexpected',
    `${problem}: say pod NS/NAME (or another workload), namespace NS, a code, or -f FILE`,
  )
}

/** @throws OptionError `argument-unexpected` where there is no such object */
export async function readPodOfCluster(
  { of, namespace, name }: Extract<Subject, { kind: 'object' }>,
  objects: ObjectReader,
): Promise<PodSubject> {
  const found = await objects.get(of, { namespace, name })
  const title = `${OBJECT_KINDS[of].kind} ${namespace}/${name}`
  if (found === undefined) throw new OptionError('argument-unexpected', `there is no ${title}`)
  if (of === 'pod') return describeExisting(found, namespace, objects)
  const pod = podOfManifest(found)
  if (pod === undefined) throw new OptionError('argument-unexpected', `${title} has no template of a pod`)
  return { title, namespace, pod }
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
function ownerOf(pod: JsonObject): { readonly of: ObjectKind; readonly name: string } | undefined {
  const references = own(objectAt(pod, 'metadata'), 'ownerReferences')
  const controller = (Array.isArray(references) ? references : [])
    .filter(isObject)
    .find((reference) => own(reference, 'controller') === true)
  if (controller === undefined) return undefined
  const [kind, name] = [text(controller, 'kind').toLowerCase(), text(controller, 'name')]
  if (kind === 'replicaset') {
    const hash = text(objectAt(objectAt(pod, 'metadata'), 'labels'), 'pod-template-hash')
    return hash !== '' && name.endsWith(`-${hash}`)
      ? { of: 'deployment', name: name.slice(0, -hash.length - 1) }
      : { of: 'replicaset', name }
  }
  // A kind of somebody's own has no template that could be found.
  return WORKLOADS.includes(kind) && kind !== 'pod' ? { of: kind as ObjectKind, name } : undefined
}

/** Without what only a pod that runs has. */
function unbind(pod: JsonObject): JsonObject {
  const { status: _, ...rest } = pod
  const { nodeName: __, ...spec } = objectAt(pod, 'spec')
  return { ...rest, spec }
}

/** Every pod of the file: of manifests, lists of them, and AdmissionReviews. */
export async function readPodsOfFile(options: ExplainOptions, io: CommandIo): Promise<readonly PodSubject[]> {
  const file = options.filename ?? '-'
  const whole = file === '-' ? await io.readStdin() : await readFile(file, 'utf8')
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
