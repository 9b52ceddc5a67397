/**
 * The sidecar of an existing pod: the revision that injected it and the control plane that its proxy is configured to
 * use, read from its spec and annotations. The running proxy is not contacted, and the caller checks whether that
 * control plane exists.
 */

import { PROXY_CONTAINER } from '../istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../json/index.ts'
import { annotationOf, containersOf, findContainer, listAt, textAt } from '../kube/index.ts'

export interface ExistingSidecar {
  readonly form: 'container' | 'native sidecar'
  /** From the status annotation; undefined if it has none (before Istio 1.11, or a user's own proxy). */
  readonly revision: string | undefined
  readonly discoveryAddress: string
  /** PROXY_CONFIG omits what equals the proxy's built-in default. */
  readonly discoveryFrom: 'PROXY_CONFIG' | 'built-in default'
  readonly image: string
}

/** mesh/v1alpha1 DefaultProxyConfig: the default that PROXY_CONFIG omits. */
const BUILT_IN_DISCOVERY = 'istiod.istio-system.svc:15012'
const STATUS = 'sidecar.istio.io/status'

/** undefined: the pod has no sidecar. */
export function readSidecar(pod: JsonObject): ExistingSidecar | undefined {
  const classic = findContainer(containersOf(pod, 'containers'), PROXY_CONTAINER)
  const proxy = classic ?? findContainer(containersOf(pod, 'initContainers'), PROXY_CONTAINER)
  if (proxy === undefined) return undefined
  const address = textAt(readJson(environmentOf(proxy, 'PROXY_CONFIG')), 'discoveryAddress')
  const revision = textAt(readJson(annotationOf(pod, STATUS)), 'revision')
  return {
    form: classic === undefined ? 'native sidecar' : 'container',
    revision: revision === '' ? undefined : revision,
    discoveryAddress: address === '' ? BUILT_IN_DISCOVERY : address,
    discoveryFrom: address === '' ? 'built-in default' : 'PROXY_CONFIG',
    image: textAt(proxy, 'image'),
  }
}

/**
 * Only an injected proxy. A gateway that was rendered without injection, an unreplaced placeholder and the user's own
 * container of that name do not change when the pod is created again.
 */
export function readInjected(pod: JsonObject): ExistingSidecar | undefined {
  return annotationOf(pod, STATUS) === undefined ? undefined : readSidecar(pod)
}

/** The Service behind `istiod-canary.istio-system.svc:15012`; undefined for an address outside the cluster. */
export function discoveryService(
  address: string,
): { readonly name: string; readonly namespace: string } | undefined {
  const found = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?(?::\d+)?$/.exec(address)
  const [, name, namespace] = found ?? []
  return name === undefined || namespace === undefined ? undefined : { name, namespace }
}

export interface SidecarDifference {
  readonly what: 'sidecar' | 'revision' | 'discovery address' | 'proxy image' | 'form'
  /** undefined: none. */
  readonly now: string | undefined
  readonly next: string | undefined
}

/** What a restart would change in the identity of the sidecar; other fields are for a comparison of whole pods. */
export function compareSidecars(
  now: ExistingSidecar | undefined,
  next: ExistingSidecar | undefined,
): readonly SidecarDifference[] {
  if (now === undefined && next === undefined) return []
  if (now === undefined || next === undefined) {
    const name = (sidecar: ExistingSidecar | undefined) =>
      sidecar?.revision ?? (sidecar && 'of unknown revision')
    return [{ what: 'sidecar', now: name(now), next: name(next) }]
  }
  const rows: readonly SidecarDifference[] = [
    { what: 'revision', now: now.revision, next: next.revision },
    { what: 'discovery address', now: now.discoveryAddress, next: next.discoveryAddress },
    { what: 'proxy image', now: now.image, next: next.image },
    { what: 'form', now: now.form, next: next.form },
  ]
  return rows.filter((row) => row.now !== row.next)
}

function environmentOf(container: JsonObject, name: string): string | undefined {
  const variable = listAt(container, 'env')
    .filter(isObject)
    .find((candidate) => own(candidate, 'name') === name)
  return variable === undefined ? undefined : textAt(variable, 'value')
}

function readJson(text: string | undefined): JsonObject {
  const value = text === undefined ? undefined : tryParse(text)
  return isObject(value) ? value : {}
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    // A user's own text, which does not count.
    return undefined
  }
}
