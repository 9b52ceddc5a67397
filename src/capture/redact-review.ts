/**
 * Owns: redacting what surrounds the objects of a review: the request, who asked, the path of the URL, the facts of
 * namespaces and the environment of a control plane.
 */
import type { InjectPath } from '../admission/index.ts'
import type { NamespaceFacts, RevisionInputs } from '../inject/index.ts'
import { isObject, type JsonObject, type JsonValue } from '../json/index.ts'
import type { Redactor } from './digest.ts'
import { mapObject, redactAll, redactAnnotations, redactPod } from './redact-object.ts'
import { KEPT_ENVIRONMENT, KEPT_PATH_VARIABLES, KEPT_REQUEST_FIELDS, UUID } from './redaction-table.ts'

/** An AdmissionReview. Its UID stays where it is one; the reader of reviews takes keys in any case, so this does too. */
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

/** A key of Kubernetes' stays, any other goes. */
function entry(key: string, value: JsonValue, redactor: Redactor): readonly [string, JsonValue] {
  const [[name, redacted] = [key, null]] = Object.entries(redactAll({ [key]: value }, redactor) as JsonObject)
  return [name, redacted]
}

/** The path again, without query; values of variables that are no names are digests. */
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
  // An empty last value is kept by the slash that the reader does not count.
  return rest.length === 0 ? head : `${[head, ...rest].join('/')}/`
}

/** Labels as they are; annotations as those of a pod. */
export function describeNamespace(
  { labels, annotations }: NamespaceFacts,
  redactor: Redactor | undefined,
): { readonly labels: JsonObject; readonly annotations: JsonObject } {
  const plain = Object.fromEntries(annotations)
  const shown = redactor === undefined ? plain : redactAnnotations(plain, redactor)
  // Of an object the redaction is one.
  return { labels: Object.fromEntries(labels), annotations: shown as JsonObject }
}

/** What Remora reads and what the injector configuration names stays; the rest of the environment is digests. */
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
