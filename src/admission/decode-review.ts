/**
 * Decodes the body of a POST into the pod under review, or into the reason why that fails. Reviews are parsed and
 * validated only here. Unknown fields of the object are kept. The core validates the pod itself.
 */
import type { CodeOf, InjectionRequest, RevisionTarget } from '../inject/index.ts'
import { isObject, JsonError, type JsonObject, type JsonValue, own, parseJsonBytes } from '../json/index.ts'
import { ETCD_MAX_REQUEST_BYTES, exceedsStoredBytes } from './stored-size.ts'

export type ReviewVersion = 'admission.k8s.io/v1' | 'admission.k8s.io/v1beta1'

/** The minimum size of an object or list in a stored pod, in bytes. */
const CONTAINER_BYTES = 2
/** The part of a body in which an API server writes the UID. */
const HEAD_BYTES = 4096

const BODY_CODES: Readonly<Partial<Record<JsonError['code'], CodeOf<'malformed'>>>> = {
  'json-too-deep': 'body-too-deep',
  'json-too-many': 'body-too-many-values',
}

/** The fields that the answer must repeat. */
export interface ReviewIdentity {
  readonly apiVersion: ReviewVersion
  readonly uid: string
}

export interface DecodedReview extends ReviewIdentity {
  readonly kind: 'review'
  readonly namespace: string
  /** Empty if the API server will generate it. */
  readonly name: string
  readonly operation: string
  readonly objectKind: InjectionRequest['kind']
  readonly subResource: string
  readonly dryRun: boolean
  /** Empty for an operation without an object, such as DELETE. */
  readonly object: JsonObject
}

export interface UndecodedReview {
  readonly kind: 'failure'
  readonly code: CodeOf<'malformed'> | 'object-missing' | 'pod-too-large-to-store'
  readonly message: string
  /** Read even from a truncated body, if possible. */
  readonly identity: Partial<ReviewIdentity>
}

/** `application/json`, also with parameters or in another case (Istio accepts only the exact text). */
export function isJsonContentType(contentType: string | undefined): boolean {
  return /^\s*application\/json\s*(?:;|$)/i.test(contentType ?? '')
}

export interface DecodeLimits {
  /** A pod that certainly takes more than this in etcd is refused before it is parsed; 0: no limit. */
  readonly maxStoredBytes?: number
}

/**
 * @param body UTF-8; invalid bytes are read as U+FFFD, as in Go
 * @param contentType the header of the request, if any
 */
export function decodeReview(
  body: Uint8Array,
  contentType: string | undefined,
  { maxStoredBytes = 0 }: DecodeLimits = {},
): DecodedReview | UndecodedReview {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const fail = (code: UndecodedReview['code'], message: string): UndecodedReview => ({
    kind: 'failure',
    code,
    message,
    identity: readIdentity(bytes.toString('utf8', 0, HEAD_BYTES)),
  })
  if (bytes.length === 0)
    return fail('body-empty', 'the request has no body; expected an AdmissionReview as JSON')
  if (!isJsonContentType(contentType)) {
    const found =
      contentType === undefined
        ? 'there is no Content-Type'
        : `Content-Type is ${JSON.stringify(contentType.slice(0, 100))}`
    return fail('content-type-unsupported', `${found}; expected application/json`)
  }
  if (maxStoredBytes > 0 && exceedsStoredBytes(bytes, maxStoredBytes)) {
    const message = `the pod would take more than ${maxStoredBytes} bytes in etcd, so the API server could not store it; make the pod smaller, or, if etcd's --max-request-bytes is higher, raise Remora's --etcd-max-request-bytes to the same value`
    return fail('pod-too-large-to-store', message)
  }
  let root: JsonValue
  try {
    // The transport has limited the size of the body already.
    const maxContainers = Math.max(maxStoredBytes, ETCD_MAX_REQUEST_BYTES) / CONTAINER_BYTES
    root = parseJsonBytes(bytes, { maxContainers })
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return fail(BODY_CODES[error.code] ?? 'body-not-json', error.message)
  }
  return readReview(root, fail)
}

type Fail = (code: UndecodedReview['code'], message: string) => UndecodedReview

function readReview(root: JsonValue, fail: Fail): DecodedReview | UndecodedReview {
  const fields = isObject(root) ? new Fields(root) : undefined
  const kind = fields?.get('kind')
  if (fields === undefined || kind !== 'AdmissionReview') {
    return fail('review-invalid', `found ${describe(root, kind)}; expected kind "AdmissionReview"`)
  }
  const apiVersion = fields.get('apiVersion')
  if (apiVersion !== 'admission.k8s.io/v1' && apiVersion !== 'admission.k8s.io/v1beta1') {
    const message = `found apiVersion ${JSON.stringify(apiVersion ?? null)}; expected "admission.k8s.io/v1" or "admission.k8s.io/v1beta1"`
    return fail('review-version-unsupported', message)
  }
  const found = fields.get('request')
  if (!isObject(found)) return fail('request-missing', 'the AdmissionReview has no `request`')
  const request = new Fields(found)
  const uid = request.text('uid')
  if (uid === '') return fail('request-missing', 'the AdmissionReview has no `request.uid`')

  const operation = request.text('operation') || 'CREATE'
  const object = request.get('object') ?? null
  if (!isObject(object) && (object !== null || operation === 'CREATE')) {
    return fail(
      'object-missing',
      `\`request.object\` is ${object === null ? 'missing' : 'no object'}; expected a Pod`,
    )
  }
  return {
    kind: 'review',
    apiVersion,
    uid,
    namespace: request.text('namespace'),
    name: request.text('name'),
    operation,
    objectKind: kindOf(request, object ?? {}),
    subResource: request.text('subResource'),
    dryRun: request.get('dryRun') === true,
    object: object ?? {},
  }
}

/** The namespace of the request, or of the object if the request has none (a review written by hand). */
function kindOf(request: Fields, object: JsonObject): InjectionRequest['kind'] {
  const kind = request.get('kind')
  if (isObject(kind)) {
    const fields = new Fields(kind)
    return { group: fields.text('group'), version: fields.text('version'), kind: fields.text('kind') }
  }
  const ofObject = new Fields(object)
  const apiVersion = ofObject.text('apiVersion') || 'v1'
  const slash = apiVersion.lastIndexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(apiVersion.lastIndexOf('/', slash - 1) + 1, slash)
  return { group, version: apiVersion.slice(slash + 1), kind: ofObject.text('kind') || 'Pod' }
}

/** The request in the core's terms. */
export function toInjectionRequest(
  review: DecodedReview,
  from: {
    readonly target: RevisionTarget
    readonly proxyEnv: ReadonlyMap<string, string>
    readonly nowMs: number
    readonly seed: number
  },
): InjectionRequest {
  const { namespace, operation, objectKind, subResource, object } = review
  return { ...from, namespace, operation, kind: objectKind, subResource, object }
}

/**
 * Finds UID and version in a body that may be truncated or invalid: their first occurrence, which is where the API
 * server writes them. Reads only the first 4 KiB.
 */
export function readIdentity(text: string): Partial<ReviewIdentity> {
  const head = text.slice(0, HEAD_BYTES)
  const uid = /"request"\s*:\s*\{[^{}]*?"uid"\s*:\s*"([^"\\]{1,256})"/.exec(head)?.[1]
  const version = /"apiVersion"\s*:\s*"(admission\.k8s\.io\/v1(?:beta1)?)"/.exec(head)?.[1]
  return {
    ...(uid === undefined ? {} : { uid }),
    // The pattern allows only these two.
    ...(version === undefined ? {} : { apiVersion: version as ReviewVersion }),
  }
}

/** Go's decoder accepts keys in any case if the exact key is missing. */
class Fields {
  readonly #object: JsonObject
  /** The keys that may match, listed once, because a review may have a million keys. */
  #short: readonly string[] | undefined

  constructor(object: JsonObject) {
    this.#object = object
  }

  get(name: string): JsonValue | undefined {
    const exact = own(this.#object, name)
    if (exact !== undefined) return exact
    this.#short ??= Object.keys(this.#object).filter(({ length }) => length <= LONGEST_FIELD)
    const folded = name.toLowerCase()
    // No character outside ASCII becomes several of a field's letters, so only keys of the same length can match.
    const isMatch = (key: string): boolean => key.length === name.length && key.toLowerCase() === folded
    // The last of several equal keys counts.
    const key = this.#short.findLast(isMatch)
    return key === undefined ? undefined : own(this.#object, key)
  }

  text(name: string): string {
    const value = this.get(name)
    return typeof value === 'string' ? value : ''
  }
}

/** The longest field name of a review; longer keys cannot match. */
const LONGEST_FIELD = 'subResource'.length

function describe(root: JsonValue, kind: JsonValue | undefined): string {
  if (root === null) return 'null'
  if (Array.isArray(root)) return 'a list'
  if (!isObject(root)) return `a ${typeof root}`
  return kind === undefined ? 'an object without kind' : `kind ${JSON.stringify(kind).slice(0, 100)}`
}
