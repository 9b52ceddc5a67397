/**
 * Redacts the parts of a review around its objects: the request, user info, the path of the URL, the metadata of
 * namespaces and the environment of a control plane.
 */
import type { InjectPath } from '../admission/index.ts'
import type { NamespaceFacts, RevisionInputs } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue } from '../json/index.ts'
import type { Redactor } from './digest.ts'
import { mapObject, redactAll, redactAnnotations, redactPod } from './redact-object.ts'
import { KEPT_ENVIRONMENT, KEPT_PATH_VARIABLES, KEPT_REQUEST_FIELDS, UUID } from './redaction-table.ts'

/** An AdmissionReview. A valid UID stays. Keys match in any case, as in the decoder of reviews. */
export function redactReview(review: JsonObject, redactor: Redactor): JsonObject {
  return mapObject(review, (key, value) => {
    const name = key.toLowerCase()
    if (typeof value === 'string' && ENVELOPE_TEXT.test(value)) return [key, value]
    if (name === 'request' && isObject(value)) return [key, redactRequest(value, redactor)]
    return entry(key, value, redactor)
  })
}

const ENVELOPE_TEXT = /^(?:AdmissionReview|admission\.k8s\.io\/v1(?:beta1)?)$/

function redactRequest(request: JsonObject, redactor: Redactor): JsonObject {
  return mapObject(request, (key, value) => {
    const name = key.toLowerCase()
    if (name === 'object' || name === 'oldobject') return [key, redactPod(value, redactor)]
    if (name === 'uid' && typeof value === 'string' && UUID.test(value)) return [key, value]
    if (name === 'uid') return [key, redactAll(value, redactor)]
    if (!KEPT_REQUEST_FIELDS.has(name)) return entry(key, value, redactor)
    if (!isObject(value)) return [key, typeof value === 'string' ? value : redactAll(value, redactor)]
    return [
      key,
      mapObject(value, (part, text) =>
        typeof text === 'string' && GROUP_PARTS.has(part.toLowerCase())
          ? [part, text]
          : entry(part, text, redactor),
      ),
    ]
  })
}

const GROUP_PARTS: ReadonlySet<string> = new Set(['group', 'version', 'kind', 'resource'])

/** Kubernetes' own keys stay; others become digests. */
function entry(key: string, value: JsonValue, redactor: Redactor): readonly [string, JsonValue] {
  const [[name, redacted] = [key, null]] = Object.entries(redactAll({ [key]: value }, redactor) as JsonObject)
  return [name, redacted]
}

/** The path without the query; values of variables that are not names become digests. */
export function redactPath({ target, proxyEnv }: InjectPath, redactor: Redactor | undefined): string {
  const head =
    target.by === 'labels'
      ? '/inject'
      : `/${target.by === 'tag' ? 'tags' : 'revisions'}/${encodeURIComponent(target.name)}/inject`
  const rest = [...proxyEnv].flatMap(([name, value]) => {
    const kept = redactor === undefined || KEPT_PATH_VARIABLES.has(name)
    const shown = kept ? [name, value] : [redactor.redact(name).toUpperCase(), redactor.redact(value)]
    return shown.map((part) => encodeURIComponent(part.replaceAll('/', '--slash--')))
  })
  // An empty last value needs its slash, because the parser ignores one slash at the end.
  return rest.length === 0 ? head : `${[head, ...rest].join('/')}/`
}

/** Keeps labels; redacts annotations like those of a pod. */
export function describeNamespace(
  { labels, annotations }: NamespaceFacts,
  redactor: Redactor | undefined,
): { readonly labels: JsonObject; readonly annotations: JsonObject } {
  const plain = Object.fromEntries(annotations)
  const shown = redactor === undefined ? plain : redactAnnotations(plain, redactor)
  // The redaction of an object is an object.
  return { labels: Object.fromEntries(labels), annotations: shown as JsonObject }
}

/**
 * Keeps the variables that Remora reads and that the injector configuration names; the rest of the environment
 * becomes digests.
 */
export function describeEnvironment(
  inputs: RevisionInputs,
  redactor: Redactor | undefined,
): { readonly [name: string]: string } {
  const { config = '' } = inputs.injectorConfigMap
  const kept = (name: string) => KEPT_ENVIRONMENT.has(name) || config.includes(`"${name}"`)
  return Object.fromEntries(
    [...inputs.environment].map(([name, value]) => [
      name,
      redactor === undefined || kept(name) ? value : redactor.redact(value),
    ]),
  )
}
