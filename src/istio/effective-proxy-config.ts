/** Owns: which ProxyConfigs apply to a pod, and the one that they make together. */
import { IstioInputError } from './errors.ts'
import { gatesFor } from './gates.ts'
import { defaultProxyConfig } from './mesh-defaults.ts'
import type { MeshConfig, ProxyConfig } from './proto-message.ts'
import {
  mergeProxyConfigLevels,
  mergeProxyConfigText,
  type ProxyConfigOptions,
  proxyConfigAnnotation,
} from './proxy-config.ts'
import type { ProxyConfigResource } from './proxy-config-resource.ts'

export interface ProxyConfigTarget {
  readonly namespace: string
  readonly labels: Texts
  readonly annotations: Texts
}

/** Labels or annotations, however they are held. */
export type Texts = Pick<ReadonlyMap<string, string>, 'get'>

/** What the levels below a pod give, made once for a mesh and a namespace. */
export type ProxyConfigResources = ReadonlyMap<string, readonly ProxyConfigResource[]>

/**
 * The ProxyConfig that applies to a pod (pilot/pkg/model/proxy_config.go, 1.13+), lowest first: code defaults, mesh,
 * root namespace's resource, namespace's resource, annotation, workload's resource. The oldest resource wins within
 * a level, and an annotation that does not parse is ignored here (injection validates it elsewhere).
 */
export function effectiveProxyConfig(
  target: ProxyConfigTarget,
  mesh: MeshConfig,
  resources: ProxyConfigResources,
  options: ProxyConfigOptions,
): ProxyConfig {
  return mergeLevels(resourceLevels(target, mesh, resources), target, mesh, options)
}

/** What applies to a pod of ProxyConfig resources: the root namespace's, the namespace's, the workload's. */
interface ResourceLevels {
  readonly root: ProxyConfig | undefined
  readonly namespace: ProxyConfig | undefined
  readonly workload: ProxyConfig | undefined
}

function resourceLevels(
  target: ProxyConfigTarget,
  mesh: MeshConfig,
  resources: ProxyConfigResources,
): ResourceLevels {
  if (resources.size === 0) return NO_LEVELS
  const root = mesh.rootNamespace ?? ''
  return {
    root: root === '' ? undefined : namespaceConfig(resources, root),
    namespace: target.namespace === root ? undefined : namespaceConfig(resources, target.namespace),
    workload: workloadConfig(resources, target),
  }
}

const NO_LEVELS: ResourceLevels = { root: undefined, namespace: undefined, workload: undefined }

function mergeLevels(
  { root, namespace, workload }: ResourceLevels,
  { annotations }: ProxyConfigTarget,
  mesh: MeshConfig,
  options: ProxyConfigOptions,
): ProxyConfig {
  const gates = options.gates ?? gatesFor(options.version)
  let effective: ProxyConfig = defaultProxyConfig(gates)
  const levels = [mesh.defaultConfig, root, namespace, annotationConfig(annotations, options), workload]
  for (const level of levels)
    if (level !== undefined) effective = mergeProxyConfigLevels(level, effective, gates)
  return effective
}

/** Pods whose levels are the same share one ProxyConfig; of those with an annotation of their own this many. */
const MAX_SHARED = 256

/**
 * The effective ProxyConfigs of one configuration's pods, each made once: pods with the same levels are given the
 * same object, by which others can tell that it is the same.
 */
export class EffectiveProxyConfigs {
  readonly #mesh: MeshConfig
  readonly #options: ProxyConfigOptions
  /** By annotation, for each combination of resources. */
  readonly #shared: { readonly levels: ResourceLevels; readonly byAnnotation: Map<string, ProxyConfig> }[] =
    []
  #count = 0

  constructor(mesh: MeshConfig, options: ProxyConfigOptions) {
    this.#mesh = mesh
    this.#options = options
  }

  /** As effectiveProxyConfig. */
  of(target: ProxyConfigTarget, resources: ProxyConfigResources): ProxyConfig {
    const levels = resourceLevels(target, this.#mesh, resources)
    const annotation = target.annotations.get(proxyConfigAnnotation)
    // No annotation is told from an empty one.
    const key = annotation === undefined ? '' : `=${annotation}`
    if (this.#count >= MAX_SHARED) this.#forget()
    const byAnnotation = this.#sharedBy(levels)
    let effective = byAnnotation.get(key)
    if (effective === undefined) {
      effective = mergeLevels(levels, target, this.#mesh, this.#options)
      byAnnotation.set(key, effective)
      this.#count++
    }
    return effective
  }

  #forget(): void {
    this.#shared.length = 0
    this.#count = 0
  }

  #sharedBy(levels: ResourceLevels): Map<string, ProxyConfig> {
    const { root, namespace, workload } = levels
    for (const shared of this.#shared) {
      const known = shared.levels
      if (known.root === root && known.namespace === namespace && known.workload === workload)
        return shared.byAnnotation
    }
    const byAnnotation = new Map<string, ProxyConfig>()
    this.#shared.push({ levels, byAnnotation })
    return byAnnotation
  }
}

function namespaceConfig(resources: ProxyConfigResources, namespace: string): ProxyConfig | undefined {
  return resources.get(namespace)?.find((resource) => resource.matchLabels === undefined)?.proxyConfig
}

/** A selector without labels selects no workload (and is no namespace-wide resource either). */
function workloadConfig(resources: ProxyConfigResources, target: ProxyConfigTarget): ProxyConfig | undefined {
  return resources
    .get(target.namespace)
    ?.find(
      ({ matchLabels }) =>
        matchLabels !== undefined &&
        matchLabels.size > 0 &&
        [...matchLabels].every(([key, value]) => target.labels.get(key) === value),
    )?.proxyConfig
}

function annotationConfig(annotations: Texts, options: ProxyConfigOptions): ProxyConfig | undefined {
  const text = annotations.get(proxyConfigAnnotation)
  if (text === undefined) return undefined
  try {
    return mergeProxyConfigText(text, {}, options)
  } catch (error) {
    if (error instanceof IstioInputError) return undefined
    throw error
  }
}
