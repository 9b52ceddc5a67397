/** Lists a resource completely, page by page, and reads single objects of it. */
import { defaultTrust, TrustedNamespaces } from '../../istio/index.ts'
import { isObject, type JsonObject, own } from '../../json/index.ts'
import type { ApiClient } from './api-client.ts'
import { AnswerTooLarge, ApiRefused } from './api-error.ts'
import { nameFields } from './needed-fields.ts'
import type { Entry, ListCollector, ObjectStore } from './resource-store.ts'
import { keyOfMetadata, metadataOf, type WatchedResource } from './resources.ts'
import type { LiveTiming } from './timing.ts'

export interface Reading {
  readonly resource: WatchedResource
  readonly api: ApiClient
  /** Known objects are not read again. */
  readonly store: Pick<ObjectStore, 'get' | 'collector'>
  /** The trusted namespaces, for kinds that define revisions and tags; by default istio-system. */
  readonly trust?: () => TrustedNamespaces
  readonly timing: Pick<LiveTiming, 'requestTimeoutMs'>
  /** Gets all objects as they were listed. */
  readonly onListed?: ((objects: readonly JsonObject[]) => void) | undefined
}

export interface Listed {
  readonly entries: ListCollector
  /** The resource version from which to watch. */
  readonly version: string
}

/** Number of objects; the API server accepts none above 3 MiB. */
const SMALL_PAGE = 2

/** @throws ApiRefused, ApiUnreachable, JsonError */
export async function listResource(reading: Reading, signal: AbortSignal): Promise<Listed> {
  try {
    return await listPages(reading, reading.resource.pageSize, signal)
  } catch (error) {
    // The continue token expired before the last page: list again in a single request.
    if (error instanceof ApiRefused && error.expired) return listPages(reading, undefined, signal)
    // Tenants determine the size of objects. Pages of two objects always fit.
    if (error instanceof AnswerTooLarge) return listPages(reading, SMALL_PAGE, signal)
    throw error
  }
}

async function listPages(
  reading: Reading,
  pageSize: number | undefined,
  signal: AbortSignal,
): Promise<Listed> {
  const { resource, api, store, timing, onListed } = reading
  const entries = store.collector()
  const objects: JsonObject[] = []
  for (let continued = ''; ; ) {
    const page = await api.json({
      path: resource.path,
      query: {
        ...resource.selectors,
        ...(pageSize === undefined ? {} : { limit: String(pageSize) }),
        ...(continued === '' ? {} : { continue: continued }),
      },
      accept: listAccept(resource),
      signal,
      timeoutMs: timing.requestTimeoutMs,
    })
    const items = own(page, 'items')
    for (const item of Array.isArray(items) ? items : []) {
      if (!isObject(item)) continue
      if (onListed !== undefined) objects.push(item)
      const read = await readObject(item, reading, signal)
      if (read.kind === 'found') entries.add(read.entry)
    }
    const next = own(metadataOf(page), 'continue')
    if (typeof next !== 'string' || next === '') {
      onListed?.(objects)
      return { entries, version: versionOf(page) }
    }
    continued = next
  }
}

const istioSystem = new TrustedNamespaces([], defaultTrust)
const usualTrust = (): TrustedNamespaces => istioSystem

export type ReadObject =
  | { readonly kind: 'found'; readonly entry: Entry }
  | { readonly kind: 'unwanted' }
  | { readonly kind: 'gone' }

/** The kept part of an object of a list or event; the object is read if only its metadata arrived. */
export async function readObject(
  object: JsonObject,
  reading: Reading,
  signal: AbortSignal,
): Promise<ReadObject> {
  const { resource, api, store, timing, trust = usualTrust } = reading
  const metadata = metadataOf(object)
  const key = keyOfMetadata(metadata)
  const version = versionOf(object)
  const { keep, objectPath } = resource
  const kept = keep?.(metadata, trust()) ?? 'whole'
  if (kept === 'nothing') return { kind: 'unwanted' }
  if (kept === 'named') {
    const kind = resource.name === 'services' ? 'Service' : 'ConfigMap'
    return { kind: 'found', entry: [key, version, nameFields(kind, object), 'named'] }
  }
  if (objectPath === undefined) return { kind: 'found', entry: [key, version, resource.fields(object)] }
  const [name, namespace] = [String(metadata['name']), String(metadata['namespace'])]
  const known = store.get(key)
  if (known?.resourceVersion === version) return { kind: 'found', entry: [key, version, known.found.object] }
  try {
    const whole = await api.json({
      path: objectPath(namespace, name),
      signal,
      timeoutMs: timing.requestTimeoutMs,
    })
    return { kind: 'found', entry: [key, versionOf(whole), resource.fields(whole)] }
  } catch (error) {
    if (error instanceof ApiRefused && error.status === 404) return { kind: 'gone' }
    throw error
  }
}

export function versionOf(object: JsonObject): string {
  const version = own(metadataOf(object), 'resourceVersion')
  return typeof version === 'string' ? version : ''
}

function listAccept(resource: WatchedResource): string {
  return accept(resource, 'PartialObjectMetadataList')
}

export function watchAccept(resource: WatchedResource): string {
  return accept(resource, 'PartialObjectMetadata')
}

function accept({ objectPath }: WatchedResource, kind: string): string {
  return objectPath === undefined
    ? 'application/json'
    : `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`
}
