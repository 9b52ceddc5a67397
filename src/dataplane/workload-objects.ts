/**
 * The objects that have pod templates, by kind and name: any object with `spec.template.spec.containers`, CronJobs, and
 * ControllerRevisions, which keep the earlier templates of StatefulSets, DaemonSets and others.
 */
import { isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { groupOf, isList, listAt, metadataOf, specOf, templatePath, textAt } from '../kube/index.ts'

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

/** The pod template of any workload, as it is in the object; undefined for other objects. */
export function templateOf(object: JsonObject): JsonObject | undefined {
  const path = textAt(object, 'kind') === 'Pod' ? undefined : templatePath(object)
  let template: JsonValue | undefined = path === undefined ? undefined : object
  for (const key of path ?? []) template = isObject(template) ? own(template, key) : undefined
  return isObject(template) && isList(own(specOf(template), 'containers')) ? template : undefined
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
