/** The ProxyConfigs that apply to a pod, merged into one. */
import { type CacheCounts, encodeKey, FairCache } from '../cache/index.ts'
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

/** Labels or annotations in any kind of map. */
export type Texts = Pick<ReadonlyMap<string, string>, 'get'>

/** The ProxyConfig resources that apply to pods, made once for a mesh and a namespace. */
export type ProxyConfigResources = ReadonlyMap<string, readonly ProxyConfigResource[]>

/**
 * The ProxyConfig that applies to a pod (pilot/pkg/model/proxy_config.go, 1.13+), in ascending precedence: built-in
 * defaults, mesh, root namespace's resource, namespace's resource, annotation, workload's resource. Within a level the
 * oldest resource wins. An annotation that does not parse is ignored here; injection validates it elsewhere.
 */
export function effectiveProxyConfig(
  target: ProxyConfigTarget,
  mesh: MeshConfig,
  resources: ProxyConfigResources,
  options: ProxyConfigOptions,
): ProxyConfig {
  return mergeLevels(resourceLevels(target, mesh, resources), target, mesh, options)
}

/** The ProxyConfig resources that apply to a pod: the root namespace's, the namespace's, the workload's. */
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

/** A longer annotation is parsed again for each pod that has it. */
const MAX_ANNOTATION_LENGTH = 4_096
/** Measured: size of a merged ProxyConfig, in addition to eight bytes per character of the annotation. */
const PROXY_CONFIG_BYTES = 2_048

/** The ProxyConfig of a pod. */
export interface NumberedProxyConfig {
  readonly proxyConfig: ProxyConfig
  /** Pods with the same number share the same object; undefined if no other pod gets it. */
  readonly number: number | undefined
}

/**
 * The effective ProxyConfigs of one configuration's pods, each made once: pods with the same resources and annotation
 * get the same object and its number.
 */
export class EffectiveProxyConfigs {
  readonly #mesh: MeshConfig
  readonly #options: ProxyConfigOptions
  readonly #cache: FairCache<NumberedProxyConfig>
  /** By resources: an object never gets the number of another one. */
  readonly #resourceNumbers = new WeakMap<ProxyConfig, number>()
  #lastNumber = 0

  constructor(mesh: MeshConfig, options: ProxyConfigOptions, maxBytes: number) {
    this.#mesh = mesh
    this.#options = options
    this.#cache = new FairCache(maxBytes)
  }

  get counts(): CacheCounts {
    return this.#cache.counts
  }

  limitTo(maxBytes: number): void {
    this.#cache.limitTo(maxBytes)
  }

  /**
   * As effectiveProxyConfig.
   * @param kept whose share of the cache to look in, and the list that collects a new entry until the pod is admitted
   */
  of(
    target: ProxyConfigTarget,
    resources: ProxyConfigResources,
    { tenant, later }: { readonly tenant: string; later(keep: () => void): void },
  ): NumberedProxyConfig {
    const levels = resourceLevels(target, this.#mesh, resources)
    const annotation = target.annotations.get(proxyConfigAnnotation)
    const merge = (): ProxyConfig => mergeLevels(levels, target, this.#mesh, this.#options)
    if ((annotation?.length ?? 0) > MAX_ANNOTATION_LENGTH) return { proxyConfig: merge(), number: undefined }
    const { root, namespace, workload } = levels
    const key = encodeKey([...[root, namespace, workload].map((level) => this.#numberOf(level)), annotation])
    const known = this.#cache.get(key, tenant)
    if (known !== undefined) return known
    const made = { proxyConfig: merge(), number: ++this.#lastNumber }
    const bytes = PROXY_CONFIG_BYTES + 8 * (annotation?.length ?? 0)
    later(() => this.#cache.put(key, tenant, made, bytes))
    return made
  }

  #numberOf(resource: ProxyConfig | undefined): number | undefined {
    if (resource === undefined) return undefined
    let number = this.#resourceNumbers.get(resource)
    if (number === undefined) {
      number = ++this.#lastNumber
      this.#resourceNumbers.set(resource, number)
    }
    return number
  }
}

function namespaceConfig(resources: ProxyConfigResources, namespace: string): ProxyConfig | undefined {
  return resources.get(namespace)?.find((resource) => resource.matchLabels === undefined)?.proxyConfig
}

/** A selector without labels selects no workload (nor does it make a namespace-wide resource). */
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
