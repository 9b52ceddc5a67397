/**
 * The objects that have pod templates, by kind and name: any object with `spec.template.spec.containers`, CronJobs, and
 * ControllerRevisions, which keep the earlier templates of StatefulSets, DaemonSets and others.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { isList, listAt, metadataOf, objectAt, specOf, textAt } from '../kube/index.ts'

export interface WorkloadName {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export function workloadKey({ group, kind, namespace, name }: WorkloadName): string {
  return `${group}/${kind}/${namespace}/${name}`
}

export function nameOf(object: JsonObject): WorkloadName {
  return {
    group: groupOf(textAt(object, 'apiVersion')),
    kind: textAt(object, 'kind'),
    namespace: textAt(metadataOf(object), 'namespace') || 'default',
    name: textAt(metadataOf(object), 'name'),
  }
}

/** The owner with `controller: true`. */
export function controllerOf(object: JsonObject): WorkloadName | undefined {
  const metadata = metadataOf(object)
  const reference = listAt(metadata, 'ownerReferences')
    .filter(isObject)
    .find((one) => own(one, 'controller') === true)
  if (reference === undefined) return undefined
  return {
    group: groupOf(textAt(reference, 'apiVersion')),
    kind: textAt(reference, 'kind'),
    namespace: textAt(metadata, 'namespace') || 'default',
    name: textAt(reference, 'name'),
  }
}

/** The pod template of any workload; undefined for other objects. */
export function templateOf(object: JsonObject): JsonObject | undefined {
  if (textAt(object, 'kind') === 'Pod') return undefined
  const spec = specOf(object)
  const inner = isObject(own(spec, 'jobTemplate')) ? specOf(objectAt(spec, 'jobTemplate')) : spec
  const template = own(inner, 'template')
  if (!isObject(template)) return undefined
  return isList(own(specOf(template), 'containers')) ? template : undefined
}

export class WorkloadObjects {
  readonly #objects = new Map<string, JsonObject>()
  /** Newest last, by the key of their controller. */
  readonly #revisions = new Map<string, JsonObject[]>()

  /** Objects without a template are ignored. */
  add(object: JsonObject): void {
    if (textAt(object, 'kind') === 'ControllerRevision') {
      const owner = controllerOf(object)
      if (owner === undefined) return
      const list = this.#revisions.get(workloadKey(owner)) ?? []
      list.push(object)
      this.#revisions.set(
        workloadKey(owner),
        list.sort((a, b) => numberOf(a) - numberOf(b)),
      )
    } else if (templateOf(object) !== undefined) this.#objects.set(workloadKey(nameOf(object)), object)
  }

  get(name: WorkloadName): JsonObject | undefined {
    return this.#objects.get(workloadKey(name))
  }

  /** By their `revision`, the newest last. */
  controllerRevisions(name: WorkloadName): readonly JsonObject[] {
    return this.#revisions.get(workloadKey(name)) ?? []
  }

  values(): Iterable<JsonObject> {
    return this.#objects.values()
  }
}

function numberOf(revision: JsonObject): number {
  const number = own(revision, 'revision')
  return typeof number === 'number' ? number : 0
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
