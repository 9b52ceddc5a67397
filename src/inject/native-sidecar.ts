/**
 * Decides whether istio-proxy becomes a native sidecar: by the control plane's setting and, if that is `auto`, by the
 * kubelets. The pod's own annotation is evaluated by template and overlay.
 */
import type { Gates } from '../istio/index.ts'
import { type Kubelets, supportsNativeSidecars } from './kubelets.ts'
import type { NativeSidecarMode } from './revision-config.ts'

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
 * @param nodes undefined if the request names an unknown cluster
 * @param nodeName of the pod's spec; "" if it is not assigned
 */
export function decideNativeSidecar(
  mode: NativeSidecarMode,
  nodes: Kubelets | undefined,
  nodeName: string,
): NativeSidecarDecision {
  if (mode !== 'auto') return { native: mode === 'enabled', nodeUnknown: false }
  if (nodes === undefined) return { native: false, nodeUnknown: false }
  const assigned = nodeName === '' ? undefined : nodes.versions.get(nodeName)
  if (assigned !== undefined) return { native: supportsNativeSidecars(assigned), nodeUnknown: false }
  return { native: nodes.allSupportNativeSidecars, nodeUnknown: nodeName !== '' }
}
