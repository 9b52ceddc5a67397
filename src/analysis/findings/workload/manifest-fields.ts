/** Fields of a workload's manifest that Kubernetes does not have: it drops them, and with strict decoding refuses them. */
import { isObject, type JsonObject, type JsonValue, own } from '../../../json/index.ts'
import { strictRemarks, templatePath, unknownWorkloadFields } from '../../../kube/index.ts'
import type { ClusterFacts } from '../cluster-facts.ts'
import { type Finding, makeFinding } from '../finding.ts'
import { placeInManifest } from '../place-in-manifest.ts'
import type { Rule } from '../rule.ts'
import type { WorkloadSubject } from '../subject.ts'

export const manifestFields: Rule<'workload'> = {
  subject: 'workload',
  codes: ['manifest-field-unknown', 'manifest-not-rendered'],
  needs: [],
  find(workload, facts) {
    return [...unknownFields(workload, facts), ...notRendered(workload)]
  },
}

interface Unknown {
  readonly path: readonly (string | number)[]
  readonly type: string
  readonly meant?: string | undefined
}

function unknownFields(workload: WorkloadSubject, facts: ClusterFacts): readonly Finding[] {
  const { title, object } = workload
  const at = templatePath(object)
  // A Rollout with a workloadRef has no template, and a Knative Revision is itself the template.
  if (at === undefined) return []
  const template = at.reduce<JsonValue | undefined>(
    (value, key) => (isObject(value) ? own(value, key) : undefined),
    object,
  )
  const type = at.length === 0 ? 'Pod' : 'PodTemplateSpec'
  const inTemplate: readonly Unknown[] = strictRemarks(type, template ?? null)
    .filter(({ kind }) => kind === 'unknown')
    .map((remark) => ({ ...remark, path: [...at, ...remark.path] }))
  return [...unknownWorkloadFields(object), ...inTemplate].map(({ path, type: of, meant }) => {
    const place = placeInManifest(object, path, facts.texts)
    return makeFinding('manifest-field-unknown', {
      where: {
        object: place === undefined ? title : `${title} (${place.file})`,
        path: path.join('.'),
        ...(place?.line === undefined ? {} : { line: place.line }),
      },
      message: `${path.at(-1)} is not a field of a ${of}, so it has no effect`,
      expected: meant === undefined ? 'a field that exists' : `probably ${meant}`,
    })
  })
}

const ACTION = /\{\{-?\s*[.$(a-zA-Z]/

/** Only fields that cannot contain braces: annotations and commands may contain other templates. */
function notRendered({ title, object, pod }: WorkloadSubject): readonly Finding[] {
  const texts = [...namesOf(object, 'metadata'), ...namesOf(pod, 'template metadata'), ...imagesOf(pod)]
  const found = texts.find(({ text }) => ACTION.test(text))
  if (found === undefined) return []
  return [
    makeFinding('manifest-not-rendered', {
      where: { object: title, path: found.path },
      message: `${found.path} is ${JSON.stringify(found.text)}: the manifest is an unrendered template, for example of a Helm chart`,
      expected: 'the output of `helm template`',
    }),
  ]
}

interface NamedText {
  readonly path: string
  readonly text: string
}

function namesOf(object: JsonObject, path: string): readonly NamedText[] {
  const metadata = own(object, 'metadata')
  if (!isObject(metadata)) return []
  const labels = own(metadata, 'labels')
  return [
    ...['name', 'namespace'].map((key) => [`${path}.${key}`, own(metadata, key)] as const),
    ...Object.entries(isObject(labels) ? labels : {}).map(
      ([key, value]) => [`${path}.labels.${key}`, value] as const,
    ),
  ].flatMap(([at, text]) => (typeof text === 'string' ? [{ path: at, text }] : []))
}

function imagesOf(pod: JsonObject): readonly NamedText[] {
  const spec = own(pod, 'spec')
  if (!isObject(spec)) return []
  return ['initContainers', 'containers'].flatMap((list) => {
    const containers = own(spec, list)
    return (Array.isArray(containers) ? containers : []).filter(isObject).flatMap((container) => {
      const image = own(container, 'image')
      return typeof image === 'string' ? [{ path: `${list}.image`, text: image }] : []
    })
  })
}
