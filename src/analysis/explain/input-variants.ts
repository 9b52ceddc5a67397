/**
 * The inputs of one injection, each removed in turn (or changed, if nothing works without it), for re-running the core.
 * provenance.ts interprets the results.
 */
import { RemoraError } from '../../errors.ts'
import {
  type InjectionRequest,
  type InjectOptions,
  Kubelets,
  type RevisionConfig,
  type Snapshot,
} from '../../inject/index.ts'
import { parseInjectorValues, parseMeshConfig } from '../../istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseYaml } from '../../json/index.ts'
import { isList, listAt, metadataOf, objectAt, specOf, textAt } from '../../kube/index.ts'
import { compileRevision } from '../../revisions/index.ts'
import { without } from './pod-fields.ts'

export type InputKind =
  | 'pod annotation'
  | 'pod label'
  | 'pod field'
  | 'ProxyConfig resource'
  | 'namespace annotation'
  | 'nodes'
  | 'mesh'
  | 'values'
  | 'environment'

export interface Input {
  readonly kind: InputKind
  /** `sidecar.istio.io/proxyCPU`, `shop/two-threads`, `defaultConfig.concurrency`, `global.proxy.image`. */
  readonly name: string
}

export interface Variant {
  readonly input: Input
  readonly request: InjectionRequest
  readonly snapshot: Snapshot
}

export interface Injection {
  readonly request: InjectionRequest
  readonly snapshot: Snapshot
  readonly options: InjectOptions
  readonly config: RevisionConfig
}

export function* inputVariants(injection: Injection): Iterable<Variant> {
  yield* podVariants(injection)
  yield* clusterVariants(injection)
  for (const { input, config } of configVariants(injection.config)) {
    const { name, namespace } = config
    const revisions = new Map(injection.snapshot.revisions).set(name, { name, namespace, config })
    yield { input, request: injection.request, snapshot: { ...injection.snapshot, revisions } }
  }
}

function* podVariants({ request, snapshot }: Injection): Iterable<Variant> {
  const { object } = request
  const leave = (kind: InputKind, name: string, changed: JsonObject): Variant => ({
    input: { kind, name },
    request: { ...request, object: changed },
    snapshot,
  })
  for (const [kind, field] of [
    ['pod annotation', 'annotations'],
    ['pod label', 'labels'],
  ] as const) {
    for (const name of Object.keys(objectAt(metadataOf(object), field)))
      yield leave(kind, name, without(object, ['metadata', field, name]))
  }
  for (const field of ['generateName', 'ownerReferences', 'name'])
    if (own(metadataOf(object), field) !== undefined)
      yield leave('pod field', `metadata.${field}`, without(object, ['metadata', field]))
  for (const field of Object.keys(specOf(object))) {
    if (field !== 'containers' && field !== 'initContainers')
      yield leave('pod field', `spec.${field}`, without(object, ['spec', field]))
  }
  for (const field of ['containers', 'initContainers']) {
    const containers = listAt(specOf(object), field)
    for (const [index, container] of containers.entries()) {
      if (!isObject(container)) continue
      for (const key of Object.keys(container)) {
        if (key === 'name') continue
        const changed = containers.with(index, without(container, [key]))
        const name = `spec.${field}[${textAt(container, 'name')}].${key}`
        yield leave('pod field', name, { ...object, spec: { ...specOf(object), [field]: changed } })
      }
    }
  }
}

function* clusterVariants({ request, snapshot, config }: Injection): Iterable<Variant> {
  const root = config.mesh.rootNamespace ?? ''
  for (const namespace of new Set([request.namespace, root])) {
    const resources = snapshot.proxyConfigs.get(namespace) ?? []
    for (const resource of resources) {
      const others = resources.filter((other) => other !== resource)
      const proxyConfigs = new Map(snapshot.proxyConfigs).set(namespace, others)
      const input = { kind: 'ProxyConfig resource', name: `${namespace}/${resource.name}` } as const
      yield { input, request, snapshot: { ...snapshot, proxyConfigs } }
    }
  }
  if (snapshot.nodes.versions.size > 0) {
    const input = { kind: 'nodes', name: 'kubelet versions' } as const
    yield { input, request, snapshot: { ...snapshot, nodes: new Kubelets() } }
  }
  const facts = snapshot.namespaces.get(request.namespace)
  for (const name of facts?.annotations.keys() ?? []) {
    const annotations = new Map(facts?.annotations)
    annotations.delete(name)
    const changed = { labels: facts?.labels ?? new Map<string, string>(), annotations }
    const namespaces = new Map(snapshot.namespaces).set(request.namespace, changed)
    yield { input: { kind: 'namespace annotation', name }, request, snapshot: { ...snapshot, namespaces } }
  }
}

interface ConfigVariant {
  readonly input: Input
  readonly config: RevisionConfig
}

function* configVariants(config: RevisionConfig): Iterable<ConfigVariant> {
  const { version, inputs } = config
  const mesh = tryYaml(inputs.meshConfigMap.mesh ?? '')
  for (const path of leafPaths(mesh, 2)) {
    const text = JSON.stringify(without(mesh, path))
    const changed = attempt(() => parseMeshConfig(text, { version, source: 'mesh' }))
    if (changed !== undefined)
      yield { input: { kind: 'mesh', name: path.join('.') }, config: config.with({ mesh: changed }) }
  }
  const values = config.values.map ?? {}
  for (const path of leafPaths(values, 10)) {
    const text = JSON.stringify(withoutValue(values, path))
    const changed = attempt(() =>
      path[0] === 'pilot' && path[1] === 'env'
        ? // Istio 1.26+: it is part of the control plane's environment, which is compiled into templates.
          compileRevision({ ...inputs, injectorConfigMap: { ...inputs.injectorConfigMap, values: text } })
        : config.with({ values: parseInjectorValues(text, { version, source: 'values' }) }),
    )
    if (changed !== undefined) yield { input: { kind: 'values', name: path.join('.') }, config: changed }
  }
  for (const name of inputs.environment.keys()) {
    const environment = new Map(inputs.environment)
    environment.delete(name)
    const changed = attempt(() => compileRevision({ ...inputs, environment }))
    if (changed !== undefined) yield { input: { kind: 'environment', name }, config: changed }
  }
}

/** Templates rarely work without a number or a boolean, so it gets another value. */
function withoutValue(values: JsonObject, path: readonly string[]): JsonObject {
  const [key, ...rest] = path
  const value = key === undefined ? undefined : own(values, key)
  if (key === undefined) return values
  if (rest.length > 0) return isObject(value) ? { ...values, [key]: withoutValue(value, rest) } : values
  if (typeof value === 'number') return { ...values, [key]: value + 1 }
  return typeof value === 'boolean' ? { ...values, [key]: !value } : without(values, path)
}

function tryYaml(text: string): JsonObject {
  const value = attempt(() => parseYaml(text))
  return isObject(value) ? value : {}
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof RemoraError) return undefined
    throw error
  }
}

/** Paths to everything that is not a map, or that is this deep. */
function* leafPaths(
  value: JsonValue,
  depth: number,
  path: readonly string[] = [],
): Iterable<readonly string[]> {
  if (isObject(value) && !isList(value) && depth > 0 && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) yield* leafPaths(item, depth - 1, [...path, key])
  } else if (path.length > 0) yield path
}
