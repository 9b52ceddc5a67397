/**
 * What a pod that exists has: the revision that injected it and the control plane that its proxy was told to ask,
 * read from its spec and its annotations. Nothing is asked of the running proxy. Whether that control plane is still
 * there is for whoever can look.
 */

import { PROXY_CONTAINER } from '../../istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../../json/index.ts'
import { annotationOf, containersOf, findContainer, listAt, textAt } from '../../kube/index.ts'

export interface ExistingSidecar {
  readonly form: 'container' | 'native sidecar'
  /** Of the status annotation; undefined where it does not say (before Istio 1.11, or a proxy of the user's own). */
  readonly revision: string | undefined
  readonly discoveryAddress: string
  /** PROXY_CONFIG leaves out what is the same as the proxy's built-in default. */
  readonly discoveryFrom: 'PROXY_CONFIG' | 'built-in default'
  readonly image: string
}

/** mesh/v1alpha1 DefaultProxyConfig: what is not written into PROXY_CONFIG. */
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

/** The Service behind `istiod-canary.istio-system.svc:15012`; undefined for an address outside of the cluster. */
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

/** What a restart would change, of what tells a sidecar apart; the other fields are for a comparison of whole pods. */
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
    // Somebody's own text: it says nothing.
    return undefined
  }
}
