/** Annotations that contain Kubernetes objects as JSON: volumes, mounts, containers. */
import { expectedJson } from '../../../inject/index.ts'
import { isObject, JsonError, type JsonObject, type JsonValue, own, parseJson } from '../../../json/index.ts'
import { annotationOf, strictRemarks } from '../../../kube/index.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'

const LISTS = [
  ['sidecar.istio.io/userVolume', 'Volume'],
  ['sidecar.istio.io/userVolumeMount', 'VolumeMount'],
] as const
const OVERRIDES = 'proxy.istio.io/overrides'

export const annotationObjects: Rule<'workload'> = {
  subject: 'workload',
  codes: ['annotation-not-json', 'annotation-field-unknown'],
  needs: [],
  find(workload, facts) {
    if (facts.trial(workload).decision.kind === 'none') return []
    return [
      ...LISTS.flatMap(([name, type]) => inAnnotation(workload, name, (value) => itemsOf(value, type))),
      ...inAnnotation(workload, OVERRIDES, containersIn),
    ]
  },
}

interface Remark {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly expected: string
}

function inAnnotation(
  { title, pod }: WorkloadSubject,
  name: string,
  remarks: (value: JsonValue) => readonly Remark[],
): readonly Finding[] {
  const text = annotationOf(pod, name)
  if (text === undefined) return []
  const where = { object: title, path: `annotation ${name}` }
  let value: JsonValue
  try {
    value = parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const message = `annotation ${name} is not JSON: ${error.message}`
    const expected = expectedJson(name) ?? 'a JSON object with the lists containers and initContainers'
    return [makeFinding('annotation-not-json', { where, message, expected })]
  }
  return remarks(value).map(({ path, message, expected }) =>
    makeFinding('annotation-field-unknown', {
      where: { ...where, path: `${where.path}: ${path.join('.')}` },
      message,
      expected,
    }),
  )
}

/** A list, or an object whose keys become the names. */
function itemsOf(value: JsonValue, type: string): readonly Remark[] {
  const items: readonly (readonly [string | number, JsonValue])[] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? Object.entries(value)
      : []
  return items.flatMap(([key, item]) => unknownFields(type, item, [key]))
}

/** Istio reads nothing else of the annotation. */
function containersIn(value: JsonValue): readonly Remark[] {
  if (!isObject(value)) return []
  return (['containers', 'initContainers'] as const).flatMap((key) => {
    const list = own(value as JsonObject, key)
    return (Array.isArray(list) ? list : []).flatMap((item: JsonValue, index) =>
      unknownFields('Container', item, [key, index]),
    )
  })
}

function unknownFields(type: string, value: JsonValue, at: Remark['path']): readonly Remark[] {
  return strictRemarks(type, value, { ignoreCase: true }).map(
    ({ kind, path, type: of, meant, expected }) => ({
      path: [...at, ...path],
      message:
        kind === 'unknown'
          ? `${path.at(-1)} is not a field of a ${of}`
          : `${path.at(-1) ?? at.at(-1)} has a value of the wrong type`,
      expected: expected ?? (meant === undefined ? 'a field that exists' : `probably ${meant}`),
    }),
  )
}
