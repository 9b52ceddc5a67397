/**
 * The pod's own values that injection replaced, and what must not be printed of a pod: values of variables and of HTTP
 * headers, which may be secrets.
 */
import { INIT_CONTAINER, PROXY_CONTAINER } from '../../istio/index.ts'
import { equalJson, isObject, type JsonValue } from '../../json/index.ts'
import { isList } from '../../kube/index.ts'
import type { PodFields } from './pod-fields.ts'

export interface ReplacedField {
  readonly path: string
  readonly before: JsonValue
  /** undefined: it is removed. */
  readonly after: JsonValue | undefined
}

/** In the pod's order. The containers of the proxy are left out: a pod's settings for them are overrides. */
export function findReplaced(before: PodFields, after: PodFields): readonly ReplacedField[] {
  const paths = [...after.keys()]
  return [...before].flatMap(([path, value]) => {
    if (OF_PROXY.some((prefix) => path.startsWith(prefix))) return []
    const got = after.get(path)
    if (got !== undefined && equalJson(got, value)) return []
    // It now has fields or items, or its text is expanded.
    if (
      got === undefined &&
      paths.some((known) => known.startsWith(path) && '.[{'.includes(known[path.length] ?? ' '))
    )
      return []
    return [{ path, before: hideSecrets(path, value), after: got && hideSecrets(path, got) }]
  })
}

const OF_PROXY = ['containers', 'initContainers'].flatMap((list) =>
  [PROXY_CONTAINER, INIT_CONTAINER].map((name) => `spec.${list}[${name}]`),
)

export const HIDDEN = '(hidden)'

const SECRET_PATH = /(?:^|[.\s])(?:env|httpHeaders)\[.*\]\.value$/
/** The whole object again. */
const LAST_APPLIED = 'metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]'

/** A value of the pod as it may be printed. */
export function hideSecrets(path: string, value: JsonValue): JsonValue {
  if (SECRET_PATH.test(path) || path.startsWith(LAST_APPLIED)) return HIDDEN
  return hideInner(value)
}

/** Variables and headers within a value: the probers, and the containers in the annotation of overrides. */
export function hideInner(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(hideInner)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      (key === 'httpHeaders' || key === 'env') && isList(item)
        ? item.map((one) => (isObject(one) && 'value' in one ? { ...one, value: HIDDEN } : one))
        : hideInner(item),
    ]),
  )
}
