/**
 * Undoes an earlier injection for the templates (Istio's stripPod and reinsertOverrides): removes what the status
 * annotation lists and restores the containers that had been overridden. The merge itself starts from the pod as
 * received.
 */
import {
  isObject,
  type JsonObject,
  type JsonValue,
  type MutableJsonObject,
  own,
  parseJson,
} from '../json/index.ts'
import {
  annotationOf,
  type ContainerField,
  containersOf,
  decodeJsonText,
  decodeTyped,
  isList,
  listAt,
  textAt,
  withFields,
  withSpecField,
} from '../kube/index.ts'
import { PodDraft } from './post/pod-draft.ts'
import { clearPrometheusAnnotations, prometheusAnnotations } from './post/prometheus-annotations.ts'
import type { RevisionConfig } from './revision-config.ts'

export const STATUS = 'sidecar.istio.io/status'
export const OVERRIDES = 'proxy.istio.io/overrides'

/** Containers by list, as in the annotations. */
export interface ParsedContainers {
  readonly containers: readonly JsonObject[]
  readonly initContainers: readonly JsonObject[]
}

export const noContainers: ParsedContainers = { containers: [], initContainers: [] }

/** The pod as templates see it: before any earlier injection. */
export function restorePod(pod: JsonObject, overrides: ParsedContainers, config: RevisionConfig): JsonObject {
  return reinsert(strip(pod, config), overrides)
}

/**
 * The containers that had been overridden, typed.
 * @throws KubeError if the annotation is not JSON or a container does not decode
 */
export function readOverrides(pod: JsonObject): ParsedContainers {
  const text = annotationOf(pod, OVERRIDES)
  if (text === undefined) return noContainers
  // Istio decodes two lists of a PodSpec and ignores every other key. null does not change Go's struct.
  const spec = decodeJsonText(text, `annotation ${OVERRIDES}`, (value) =>
    decodeTyped('PodSpec', isObject(value) ? withFields(value, CONTAINER_LISTS) : value),
  )
  const typed = { spec }
  return {
    containers: containersOf(typed, 'containers'),
    initContainers: containersOf(typed, 'initContainers'),
  }
}

const CONTAINER_LISTS = ['containers', 'initContainers']

function strip(pod: JsonObject, config: RevisionConfig): JsonObject {
  const status = readStatus(annotationOf(pod, STATUS))
  if (status === undefined) return pod
  const draft = new PodDraft({ ...pod } as MutableJsonObject) // a new root, and the draft copies what it changes
  for (const field of ['containers', 'initContainers'] as const) {
    const kept = containersOf(pod, field).filter((container) => !status[field].has(textAt(container, 'name')))
    draft.setContainers(field, kept)
  }
  const port = prometheusAnnotations(draft, config.gates).find(({ name }) => name === 'port')?.value
  // An earlier injection's annotations, not the user's own.
  if (port === String(config.mesh.defaultConfig?.statusPort ?? 0))
    clearPrometheusAnnotations(draft, config.gates)
  draft.removeAnnotation(STATUS)
  return draft.pod
}

const STATUS_FIELDS = ['containers', 'initContainers', 'volumes', 'imagePullSecrets', 'revision']

interface InjectedNames {
  readonly containers: ReadonlySet<string>
  readonly initContainers: ReadonlySet<string>
}

/** undefined if there is no annotation, or one that does not decode into Go's struct. */
function readStatus(text: string | undefined): InjectedNames | undefined {
  const parsed = text === undefined ? undefined : tryParse(text)
  if (parsed === null) return noNames
  if (parsed === undefined || !isObject(parsed)) return undefined
  const value = withFields(parsed, STATUS_FIELDS)
  const lists = STATUS_FIELDS.slice(0, -1).map((key) => textList(value, key))
  const [containers, initContainers] = lists
  const revision = own(value, 'revision') ?? null
  const fits =
    lists.every((list) => list !== undefined) && (revision === null || typeof revision === 'string')
  return fits && containers && initContainers ? { containers, initContainers } : undefined
}

function textList(object: JsonObject, key: string): ReadonlySet<string> | undefined {
  const value = own(object, key) ?? null
  if (value === null) return new Set()
  if (!isList(value)) return undefined
  const texts = value.map((item) => item ?? '')
  return texts.every((item) => typeof item === 'string') ? new Set(texts) : undefined
}

const noNames: InjectedNames = { containers: new Set(), initContainers: new Set() }

/** The names listed in the status annotation, parsed as leniently as the merge of overrides does: into a map, so exact keys. */
export function injectedNames(pod: JsonObject): InjectedNames {
  const text = annotationOf(pod, STATUS)
  if (text === undefined) return noNames
  const value = tryParse(text)
  const names = (field: ContainerField) =>
    new Set(isObject(value) ? listAt(value, field).filter((name) => typeof name === 'string') : [])
  return { containers: names('containers'), initContainers: names('initContainers') }
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    // Istio logs it and continues as if there had been no injection.
    return undefined
  }
}

function reinsert(pod: JsonObject, overrides: ParsedContainers): JsonObject {
  if (overrides === noContainers) return pod
  let restored = pod
  for (const field of ['containers', 'initContainers'] as const) {
    const present = containersOf(pod, field)
    const names = new Set(present.map((container) => textAt(container, 'name')))
    const missing = overrides[field].filter((container) => !names.has(textAt(container, 'name')))
    if (missing.length > 0) restored = withSpecField(restored, field, [...present, ...missing])
  }
  return restored
}
