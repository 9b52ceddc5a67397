/**
 * Who else may have written a field that differs from what injection states: the evidence in the pod itself. Mirrors and
 * policies that rewrite the application's containers too, the Vertical Pod Autoscaler, LimitRanges, in-place resizing and
 * OpenShift's security context constraints.
 */
import { equalJson, isObject, type JsonObject, type JsonValue, own } from '../json/index.ts'
import { annotationOf, containersOf, findInPod, listAt, metadataOf, objectAt, textAt } from '../kube/index.ts'
import type { Difference } from './injection.ts'
import { containerAt, type Path } from './paths.ts'
import { equalQuantities } from './satisfies.ts'

export interface Writers {
  readonly pod: JsonObject
  /** The application's own images, pull policies, ... differ from the template's. */
  readonly images: boolean
  readonly pullPolicies: boolean
  /** AlwaysPullImages, or an application that asks for it itself. */
  readonly allAlways: boolean
  readonly resources: boolean
  readonly security: boolean
  /** The text of the LimitRanger plugin's annotation. */
  readonly limitRanger: string
}

export function readWriters(pod: JsonObject, submitted: JsonObject): Writers {
  const pairs = ownContainers(pod).flatMap((container) => {
    const sent = findInPod(submitted, textAt(container, 'name'))
    return sent === undefined || sent === container ? [] : [{ container, sent }]
  })
  const differs = (field: string) =>
    pairs.some(({ container, sent }) => changes(own(sent, field), own(container, field)))
  return {
    pod,
    images: differs('image'),
    pullPolicies: differs('imagePullPolicy'),
    allAlways: ownContainers(pod).every((container) => own(container, 'imagePullPolicy') === 'Always'),
    resources: isAutoscaled(pod) || isResized(pod) || differs('resources'),
    security: annotationOf(pod, 'openshift.io/scc') !== undefined || differs('securityContext'),
    limitRanger: annotationOf(pod, 'kubernetes.io/limit-ranger') ?? '',
  }
}

/**
 * `other`: the pod shows that another writer changes such fields. `possible`: it does not, but other writers often change
 * this field. `default`: the API server. undefined: an injection.
 */
export function writerOf(
  { path, stated, found }: Difference,
  writers: Writers,
): 'other' | 'possible' | 'default' | undefined {
  const field = containerAt(path) === undefined ? undefined : path[3]
  switch (field) {
    case 'image':
      return typeof stated === 'string' && typeof found === 'string'
        ? imageWriter(stated, found, writers)
        : undefined
    case 'imagePullPolicy':
      if (writers.pullPolicies) return 'other'
      return found === 'Always' && writers.allAlways ? 'possible' : undefined
    case 'resources':
      if (stated === undefined) return extraResourceWriter(path, found, writers)
      return writers.resources ? 'other' : undefined
    case 'securityContext':
      if (writers.security) return 'other'
      return stated === undefined ? 'possible' : undefined
    default:
      return undefined
  }
}

interface ImageName {
  /** Without the registry and the path: `proxyv2`. */
  readonly base: string
  readonly tag: string
  readonly digest: string
}

function parseImage(image: string): ImageName {
  const [name = '', digest = ''] = image.split('@')
  const last = name.slice(name.lastIndexOf('/') + 1)
  const colon = last.indexOf(':')
  return colon < 0
    ? { base: last, tag: '', digest }
    : { base: last.slice(0, colon), tag: last.slice(colon + 1), digest }
}

/** A mirror keeps the tag; a digest hides it. Another tag is another proxy. */
function imageWriter(stated: string, found: string, { images }: Writers): 'other' | 'possible' | undefined {
  const [asked, there] = [parseImage(stated), parseImage(found)]
  if (found === `${stated}@${there.digest}`) return 'other'
  if (there.tag !== '' && asked.tag !== '') {
    if (there.tag !== asked.tag || there.base !== asked.base) return undefined
    return images ? 'other' : 'possible'
  }
  if (there.digest !== '' && there.digest === asked.digest) return images ? 'other' : 'possible'
  return there.digest !== '' && asked.digest === '' ? 'possible' : undefined
}

function extraResourceWriter(
  path: Path,
  found: JsonValue | undefined,
  { pod, resources, limitRanger }: Writers,
): ReturnType<typeof writerOf> {
  const name = containerAt(path) ?? ''
  const [, , , , kind, resource] = path
  if (kind === 'requests' && typeof resource === 'string' && found !== undefined) {
    const container = findInPod(pod, name)
    const limit = container && own(objectAt(objectAt(container, 'resources'), 'limits'), resource)
    if (limit !== undefined && equalQuantities(limit, found)) return 'default'
  }
  if (limitRanger.includes(`container ${name}`)) return 'default'
  return resources ? 'other' : 'possible'
}

/** The names in the annotations of the Vertical Pod Autoscaler. */
function isAutoscaled(pod: JsonObject): boolean {
  return ['vpaUpdates', 'vpaObservedContainers', 'vpaInPlaceUpdated'].some(
    (name) => annotationOf(pod, name) !== undefined,
  )
}

/** Kubernetes 1.33+: the subresource `resize` changes the resources of a running pod. */
function isResized(pod: JsonObject): boolean {
  const managers = listAt(metadataOf(pod), 'managedFields').filter(isObject)
  if (managers.some((entry) => own(entry, 'subresource') === 'resize')) return true
  return listAt(objectAt(pod, 'status'), 'conditions')
    .filter(isObject)
    .some((condition) => textAt(condition, 'type').startsWith('PodResize'))
}

/** Those that injection did not add, as far as their name says. */
function ownContainers(pod: JsonObject): readonly JsonObject[] {
  return [...containersOf(pod, 'containers'), ...containersOf(pod, 'initContainers')].filter(
    (container) => !textAt(container, 'name').startsWith('istio-'),
  )
}

/** Whether a value that the template states has become another one; what it does not state may be defaulted. */
function changes(sent: JsonValue | undefined, there: JsonValue | undefined): boolean {
  if (sent === undefined || sent === null) return false
  if (there === undefined) return true
  if (isObject(sent) && isObject(there))
    return Object.entries(sent).some(([key, value]) => changes(value, own(there, key)))
  return !equalJson(sent, there) && !equalQuantities(sent, there)
}
