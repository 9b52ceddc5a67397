/** The pod template of a workload, and the pod that its controller would create from it. */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { groupOf } from './object-kinds.ts'
import { listAt, metadataOf, objectAt, textAt } from './typed-pod.ts'

/** API group and kind, with the path of the pod template; a Pod is its own template. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map([
  ['/Pod', []],
  ['/ReplicationController', ['spec', 'template']],
  ['apps/Deployment', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
])

/** Where the kinds of extensions have their template: Rollout, DeploymentConfig, CloneSet, Knative's Service and others. */
const PLACES_OF_EXTENSIONS = [
  ['spec', 'template'],
  ['spec', 'jobTemplate', 'spec', 'template'],
  ['spec', 'jobTargetRef', 'template'],
  ['spec', 'template', 'spec', 'template'],
] as const

/** Its labels and annotations are those of its pods, and its spec is theirs. */
const KNATIVE_REVISION = 'serving.knative.dev/Revision'

/** The path of the pod template in a kind of Kubernetes itself; undefined for other kinds. */
export function builtInTemplatePath(manifest: JsonObject): readonly string[] | undefined {
  return TEMPLATES.get(`${groupOf(textAt(manifest, 'apiVersion'))}/${textAt(manifest, 'kind')}`)
}

/** The same for any kind: one of an extension has a pod template where a template with containers is. */
export function templatePath(manifest: JsonObject): readonly string[] | undefined {
  const known = builtInTemplatePath(manifest)
  if (known !== undefined || textAt(manifest, 'kind') === '') return known
  return PLACES_OF_EXTENSIONS.find((path) => {
    const template = valueAt(manifest, path)
    return isObject(template) && listAt(objectAt(template, 'spec'), 'containers').length > 0
  })
}

/** The pod that the controller of a manifest would create; undefined for other kinds. */
export function podOfManifest(manifest: JsonObject): JsonObject | undefined {
  if (`${groupOf(textAt(manifest, 'apiVersion'))}/${textAt(manifest, 'kind')}` === KNATIVE_REVISION)
    return podOfTemplate(manifest, manifest)
  const path = templatePath(manifest)
  if (path === undefined) return undefined
  const template = valueAt(manifest, path)
  if (!isObject(template)) return undefined
  return path.length === 0 ? template : podOfTemplate(template, manifest)
}

export interface TemplateReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

/** The object whose template a workload without its own uses: an Argo Rollout with a `workloadRef`. */
export function templateReference(manifest: JsonObject): TemplateReference | undefined {
  if (groupOf(textAt(manifest, 'apiVersion')) !== 'argoproj.io') return undefined
  const spec = objectAt(manifest, 'spec')
  const reference = objectAt(spec, 'workloadRef')
  const name = textAt(reference, 'name')
  if (name === '' || isObject(own(spec, 'template'))) return undefined
  return { apiVersion: textAt(reference, 'apiVersion'), kind: textAt(reference, 'kind'), name }
}

/** The workload with the template of the object that it refers to. */
export function withTemplateOf(manifest: JsonObject, referred: JsonObject): JsonObject {
  const template = own(objectAt(referred, 'spec'), 'template')
  return template === undefined
    ? manifest
    : { ...manifest, spec: { ...objectAt(manifest, 'spec'), template } }
}

/**
 * The pod that a controller would create. It has an owner reference, from which Istio reads the workload's name, and a
 * generated name, without which Istio ignores owner references.
 */
export function podOfTemplate(template: JsonObject, workload: JsonObject): JsonObject {
  const name = textAt(metadataOf(workload), 'name')
  const owner = {
    apiVersion: textAt(workload, 'apiVersion'),
    kind: textAt(workload, 'kind'),
    name,
    uid: '',
    controller: true,
  }
  const metadata = { ...metadataOf(template), generateName: `${name}-`, ownerReferences: [owner] }
  return { ...template, apiVersion: 'v1', kind: 'Pod', metadata }
}

function valueAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object
  for (const key of path) value = isObject(value) ? own(value, key) : undefined
  return value
}
