/**
 * Decides whether istio-proxy becomes a native sidecar: by the control plane's setting and, if that is `auto`, by the
 * kubelets. The pod's own annotation is evaluated by template and overlay.
 */
import type { Gates } from '../istio/index.ts'
import type { NativeSidecarMode } from './revision-config.ts'

/** The first Kubernetes minor in which native sidecars are stable. */
const FIRST_MINOR = 33

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])

/**
 * The value of ENABLE_NATIVE_SIDECARS. Istio 1.19 to 1.26: a boolean, off by default; 1.27+: `true`, `false` or `auto`
 * (the default), and anything else is `false`.
 */
export function nativeSidecarMode(environment: ReadonlyMap<string, string>, gates: Gates): NativeSidecarMode {
  const value = environment.get('ENABLE_NATIVE_SIDECARS') ?? ''
  if (gates.nativeSidecarsAuto) {
    if (value === 'true') return 'enabled'
    return value === '' || value === 'auto' ? 'auto' : 'disabled'
  }
  return gates.nativeSidecars && TRUE.has(value) ? 'enabled' : 'disabled'
}

export interface NativeSidecarDecision {
  readonly native: boolean
  /** The pod is assigned to an unknown node, so all nodes were considered. */
  readonly nodeUnknown: boolean
}

/**
 * @param nodes kubelet version by node name; undefined if the request names an unknown cluster
 * @param nodeName of the pod's spec; "" if it is not assigned
 */
export function decideNativeSidecar(
  mode: NativeSidecarMode,
  nodes: ReadonlyMap<string, string> | undefined,
  nodeName: string,
): NativeSidecarDecision {
  if (mode !== 'auto') return { native: mode === 'enabled', nodeUnknown: false }
  if (nodes === undefined) return { native: false, nodeUnknown: false }
  const assigned = nodeName === '' ? undefined : nodes.get(nodeName)
  if (assigned !== undefined) return { native: kubeletCan(assigned), nodeUnknown: false }
  return { native: allKubeletsCan(nodes), nodeUnknown: nodeName !== '' }
}

/** A cluster's nodes change much less often than pods arrive; a changed set is a new map. */
const asked = new WeakMap<ReadonlyMap<string, string>, boolean>()

/** Whether every kubelet supports native sidecars: the decision for pods without a node in the mode `auto`. */
export function allKubeletsCan(nodes: ReadonlyMap<string, string>): boolean {
  let answer = asked.get(nodes)
  if (answer === undefined) {
    answer = [...nodes.values()].every(kubeletCan)
    asked.set(nodes, answer)
  }
  return answer
}

/** As hashicorp/go-version parses it: a missing minor is 0, an invalid version does not support them. */
const VERSION =
  /^v?([0-9]+(?:\.[0-9]+)*)(?:-[0-9]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*|-?[A-Za-z~-]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)?(?:\+[0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*)?$/

/** Kubelets choose this text. No version is longer, and the time to reject a text is quadratic in its length. */
const LONGEST_VERSION = 256

function kubeletCan(version: string): boolean {
  if (version.length > LONGEST_VERSION) return false
  const segments = VERSION.exec(version)?.[1]?.split('.')
  return segments !== undefined && Number(segments[1] ?? 0) >= FIRST_MINOR
}
