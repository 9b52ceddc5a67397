/**
 * Whether istio-proxy becomes a native sidecar: the control plane's setting and, where that says `auto`, the
 * kubelets. What the pod's own annotation says is for template and overlay.
 */
import type { Gates } from '../istio/index.ts'
import type { NativeSidecarMode } from './revision-config.ts'

/** The first Kubernetes minor whose kubelets keep native sidecars as a stable feature. */
const FIRST_MINOR = 33

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])

/**
 * What ENABLE_NATIVE_SIDECARS means. Istio 1.19 to 1.26: a boolean, off unless set; 1.27+: `true`, `false` or
 * `auto`, which is the default, and anything else is `false`.
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
  /** The pod is assigned to a node that is not known, so all nodes were asked. */
  readonly nodeUnknown: boolean
}

/**
 * @param nodes kubelet version by node name; undefined where the request names a cluster that is not known
 * @param nodeName of the pod's spec; "" where it is not assigned
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

/** A cluster's nodes change far more seldom than they are asked for; a new set of them is a new map. */
const asked = new WeakMap<ReadonlyMap<string, string>, boolean>()

/** Whether every kubelet supports native sidecars: the decision for pods without a node, in the mode `auto`. */
export function allKubeletsCan(nodes: ReadonlyMap<string, string>): boolean {
  let answer = asked.get(nodes)
  if (answer === undefined) {
    answer = [...nodes.values()].every(kubeletCan)
    asked.set(nodes, answer)
  }
  return answer
}

/** As hashicorp/go-version reads it: a minor that is missing is 0, what is no version cannot. */
const VERSION =
  /^v?([0-9]+(?:\.[0-9]+)*)(?:-[0-9]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*|-?[A-Za-z~-]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)?(?:\+[0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*)?$/

/** Each kubelet writes its own. No version is longer, and reading a text that is none is quadratic in its length. */
const LONGEST_VERSION = 256

function kubeletCan(version: string): boolean {
  if (version.length > LONGEST_VERSION) return false
  const segments = VERSION.exec(version)?.[1]?.split('.')
  return segments !== undefined && Number(segments[1] ?? 0) >= FIRST_MINOR
}
