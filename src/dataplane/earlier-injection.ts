/** What an earlier injection recorded in the pod: the names in its status annotation, the revision and the probers. */
import { STATUS } from '../inject/index.ts'
import { PROXY_CONTAINER } from '../istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { annotationOf, findInPod, isList, labelOf, listAt, textAt } from '../kube/index.ts'

const STATUS_LISTS = ['containers', 'initContainers', 'volumes', 'imagePullSecrets'] as const
export type StatusList = (typeof STATUS_LISTS)[number]

export interface EarlierInjection {
  readonly names: { readonly [list in StatusList]: ReadonlySet<string> }
  /** Istio 1.11+ records it in the status; undefined if neither that nor `istio.io/rev` is there. */
  readonly revision: string | undefined
}

/** undefined: the pod has no readable status annotation, so nothing was injected. */
export function readEarlierInjection(pod: JsonObject): EarlierInjection | undefined {
  const status = parseObject(annotationOf(pod, STATUS))
  if (status === undefined) return undefined
  const names = (list: StatusList) => new Set(listAt(status, list).filter((name) => typeof name === 'string'))
  const revision =
    textAt(status, 'revision') ||
    annotationOf(pod, 'istio.io/rev') ||
    labelOf(pod, 'istio.io/rev') ||
    undefined
  return {
    names: {
      containers: names('containers'),
      initContainers: names('initContainers'),
      volumes: names('volumes'),
      imagePullSecrets: names('imagePullSecrets'),
    },
    revision,
  }
}

/** A container that an earlier injection added, in either list. */
export function wasInjected(earlier: EarlierInjection | undefined, container: string): boolean {
  if (earlier === undefined) return false
  return earlier.names.containers.has(container) || earlier.names.initContainers.has(container)
}

/** An environment variable of the proxy. */
export function proxyVariable(pod: JsonObject, name: string): string | undefined {
  const proxy = findInPod(pod, PROXY_CONTAINER)
  const variable =
    proxy &&
    listAt(proxy, 'env')
      .filter(isObject)
      .findLast((one) => own(one, 'name') === name)
  return variable === undefined ? undefined : textAt(variable, 'value')
}

/** The application's probes before they were rewritten, by the path at which pilot-agent serves them. */
export function readProbers(pod: JsonObject): JsonObject {
  return parseObject(proxyVariable(pod, 'ISTIO_KUBE_APP_PROBERS')) ?? {}
}

export function parseObject(text: string | undefined): JsonObject | undefined {
  const value = text === undefined ? undefined : tryParse(text)
  return isObject(value) ? value : undefined
}

/** Only objects and lists: `1` and `true` stay strings. */
export function parseStructure(text: JsonValue | undefined): JsonValue | undefined {
  if (typeof text !== 'string' || !/^\s*[[{]/.test(text)) return undefined
  const value = tryParse(text)
  return isObject(value) || isList(value) ? value : undefined
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    // A user's own text, which does not count.
    return undefined
  }
}
