/** Functions on the pod's metadata and the control plane's environment: annotation, env, appendMultusNetwork. */
import { anyType, type FunctionSpec, StructValue, sprint, stringType } from '../../gotemplate/index.ts'
import { trimGoSpace } from '../../istio/index.ts'
import { isObject, type JsonObject, type JsonValue, own, parseJson } from '../../json/index.ts'
import { isList, objectAt, textAt } from '../../kube/index.ts'
import type { FunctionEnv } from './function-env.ts'

/** The annotation's value, or the default as text (`<nil>` if that is missing). */
export function annotation({ objectMeta }: FunctionEnv): FunctionSpec {
  return {
    params: [objectMeta, stringType, anyType],
    returns: stringType,
    call: ([meta, name, fallback], context) => {
      // Structs of the pod are backed by its typed JSON.
      const backing = meta instanceof StructValue ? ((meta.backing ?? {}) as JsonObject) : {}
      const value = own(objectAt(backing, 'annotations'), String(name))
      return typeof value === 'string' ? value : sprint([fallback ?? null], context)
    },
  }
}

/** A variable of istiod's environment; an empty one counts as missing. */
export function env({ environment }: FunctionEnv): FunctionSpec {
  return {
    params: [stringType, stringType],
    returns: stringType,
    call: ([name, fallback]) => environment.get(String(name)) || fallback,
  }
}

/** Adds Istio's network to the annotation of Multus, in the form (of two) that the annotation has. */
export function appendMultusNetwork({ gates }: FunctionEnv): FunctionSpec {
  return {
    params: [stringType, stringType],
    returns: stringType,
    call: ([value, network], { budget }) => {
      const existing = String(value)
      const added = String(network)
      budget.allocate(existing.length + added.length)
      if (existing === '') return added
      const end = existing.lastIndexOf(']')
      if (end !== -1) return appendToJson(existing, end, added, gates)
      // Istio 1.15+: not twice.
      const present =
        gates.multusAppendIdempotent && existing.split(',').some((item) => trimGoSpace(item) === added)
      return present ? existing : `${existing}, ${added}`
    },
  }
}

function appendToJson(existing: string, end: number, network: string, gates: FunctionEnv['gates']): string {
  // Istio 1.25.1+ (and later patches of 1.23 and 1.24): `namespace/name` is split.
  const [name, namespace] = gates.multusNamespaceAware ? splitQualified(network) : [network, '']
  if (gates.multusAppendIdempotent) {
    const networks = readNetworks(existing)
    if (networks === undefined) return existing
    const present = networks.some(
      (item) =>
        textAt(item, 'name') === name &&
        own(item, 'name') !== undefined &&
        (!gates.multusNamespaceAware || (own(item, 'namespace') ?? '') === namespace),
    )
    if (present) return existing
  }
  const added = namespace === '' ? `{"name": "${name}"}` : `{"name": "${name}", "namespace": "${namespace}"}`
  return `${existing.slice(0, end)}, ${added}${existing.slice(end)}`
}

function splitQualified(text: string): readonly [name: string, namespace: string] {
  const slash = text.indexOf('/')
  return slash < 0 ? [text, ''] : [text.slice(slash + 1), text.slice(0, slash)]
}

/** undefined if the annotation is not a list of objects: Istio then does not change it. */
function readNetworks(text: string): readonly JsonObject[] | undefined {
  try {
    const value = parseJson(text)
    if (value === null) return []
    if (!isList(value)) return undefined
    const networks: readonly JsonValue[] = value.map((item) => item ?? {})
    return networks.every(isObject) ? networks : undefined
  } catch {
    return undefined
  }
}
