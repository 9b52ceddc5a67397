/**
 * A container that both the pod and a template define is the user's override: it is merged into the result once more,
 * so that the user's settings win (Istio's reapplyOverwrittenContainers).
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import {
  annotationOf,
  type ContainerField,
  containersOf,
  encodeTyped,
  metadataOf,
  objectAt,
  textAt,
  withMetadata,
} from '../kube/index.ts'
import { adjustInitUser } from './adjust-init-user.ts'
import { refuseInjectedAnnotations } from './annotation-size.ts'
import { mergeTyped } from './merge-typed.ts'
import type { Overlaid } from './overlay.ts'
import { injectedNames, OVERRIDES, type ParsedContainers, STATUS } from './restore.ts'
import type { RevisionConfig } from './revision-config.ts'

export interface ReapplyFacts {
  /** The pod as received, typed. */
  readonly original: JsonObject
  /** From its annotation, written by an earlier injection. */
  readonly earlierOverrides: ParsedContainers
  readonly config: RevisionConfig
  /** The effective ProxyConfig requests TPROXY. */
  readonly tproxy: boolean
}

/** The merged pod with the overrides applied and, the first time, recorded in their annotation. */
export function reapplyContainers(overlaid: Overlaid, facts: ReapplyFacts): JsonObject {
  const { original, config } = facts
  const found = findOverrides(overlaid.template, facts)
  const any = found.containers.length > 0 || found.initContainers.length > 0
  const isFirst = any && annotationOf(original, STATUS) === undefined
  const annotation = isFirst ? { [OVERRIDES]: encodeOverrides(found) } : {}
  refuseInjectedAnnotations(annotation)
  let pod = overlaid.merged
  for (const field of ['containers', 'initContainers'] as const) {
    for (const overrides of mergedTogether(pod, field, found[field]))
      pod = mergeTyped(pod, overlayOf(field, overrides, config))
  }
  if (isFirst) {
    const annotations = { ...objectAt(metadataOf(pod), 'annotations'), ...annotation }
    pod = withMetadata(pod, { annotations })
  }
  return config.gates.initUserAdjusted ? adjustInitUser(pod, original, facts.tproxy) : pod
}

/** More than Istio's own templates name: above this, one merge for each would be quadratic. */
const MANY = 8

/**
 * Istio merges one override after the other, each with the whole pod. For a template that names every container of the
 * pod (Istio's for proxyless gRPC) this is quadratic, so many overrides are merged at once, in the pod's order, which
 * gives the same order of containers. Only containers of equal names could end up in another one, and the API server
 * refuses those.
 */
function mergedTogether(
  pod: JsonObject,
  field: ContainerField,
  overrides: readonly JsonObject[],
): readonly (readonly JsonObject[])[] {
  if (overrides.length <= MANY) return overrides.map((override) => [override])
  const places = new Map(containersOf(pod, field).map((container, i) => [textAt(container, 'name'), i]))
  const placeOf = (override: JsonObject): number => places.get(textAt(override, 'name')) ?? places.size
  return [overrides.toSorted((a, b) => placeOf(a) - placeOf(b))]
}

/** The overrides as the Pod that Istio merges: other fields that its encoding writes are merged, too. */
function overlayOf(
  field: ContainerField,
  overrides: readonly JsonObject[],
  { gates }: RevisionConfig,
): JsonObject {
  // Istio includes an empty list of containers, where null would delete them all.
  const spec =
    field === 'containers' ? { containers: overrides } : { containers: [], initContainers: overrides }
  // Istio before 1.28: the null of an unset timestamp deletes the pod's own.
  return gates.creationTimestampOmitted ? { spec } : { metadata: { creationTimestamp: null }, spec }
}

function findOverrides(template: JsonObject, facts: ReapplyFacts): ParsedContainers {
  const { original, config, earlierOverrides } = facts
  // Istio before 1.17 treats containers of an earlier injection as the user's own.
  const injected = config.gates.previousInjectionIgnored ? injectedNames(original) : undefined
  const collect = (field: ContainerField): readonly JsonObject[] => {
    const fromTemplates = containersOf(template, field)
    if (fromTemplates.length === 0) return []
    const byName = overridesByName(original, field, { earlierOverrides, config })
    return fromTemplates.flatMap((fromTemplate) => {
      const name = textAt(fromTemplate, 'name')
      if (injected?.[field].has(name)) return []
      const match = byName.get(name)
      return match === undefined ? [] : [toOverride(match, fromTemplate, config)]
    })
  }
  return { containers: collect('containers'), initContainers: collect('initContainers') }
}

/** Those of an earlier injection come before the pod's own; of equal names the first counts. */
function overridesByName(
  pod: JsonObject,
  field: ContainerField,
  { earlierOverrides, config }: Pick<ReapplyFacts, 'earlierOverrides' | 'config'>,
): ReadonlyMap<string, JsonObject> {
  const own = containersOf(pod, field)
  // Istio 1.19+: a native sidecar can also be overridden by a container of `containers`, which then comes first.
  const native = field === 'initContainers' && config.gates.nativeOverrideFound
  const lists = [earlierOverrides[field], ...(native ? [containersOf(pod, 'containers')] : []), own]
  const byName = new Map<string, JsonObject>()
  for (const container of lists.flat()) {
    const name = textAt(container, 'name')
    if (!byName.has(name)) byName.set(name, container)
  }
  return byName
}

/** Without the image `auto`, which requests the template's. */
function toOverride(container: JsonObject, fromTemplate: JsonObject, config: RevisionConfig): JsonObject {
  const { image, ...rest } = container
  const override = image === 'auto' ? rest : container
  return config.gates.autoImageUserReset ? withoutUser(override, fromTemplate) : override
}

/**
 * Istio 1.20.1 to 1.20.6, 1.21.0 to 1.21.2 and 1.22.0: if the template sets a user other than 1337 (that is, on
 * OpenShift), the override's user and group are ignored.
 */
function withoutUser(override: JsonObject, fromTemplate: JsonObject): JsonObject {
  const templateUser = own(objectAt(fromTemplate, 'securityContext'), 'runAsUser')
  const context = own(override, 'securityContext')
  if (templateUser === undefined || templateUser === 1337 || !isObject(context)) return override
  const { runAsUser: _, runAsGroup: __, ...securityContext } = context
  return { ...override, securityContext }
}

/** As Go encodes it: fields in the struct's order, without empty lists. */
function encodeOverrides(found: ParsedContainers): string {
  const parts = (['containers', 'initContainers'] as const).flatMap((field) => {
    const texts = found[field].map((container) => encodeTyped('Container', container))
    return texts.length === 0 ? [] : [`"${field}":[${texts.join(',')}]`]
  })
  return `{${parts.join(',')}}`
}
