/** Injects one pod under one revision as a trial, and checks the resulting pod. */

import {
  type Code,
  type InjectionRequest,
  type InjectOptions,
  inject,
  type Outcome,
  type Snapshot,
  type TemplatePlace,
} from '../../inject/index.ts'
import { isObject, type JsonObject } from '../../json/index.ts'
import { containersOf, findContainer, listAt, specOf, textAt } from '../../kube/index.ts'
import { quoteText } from '../../visible-text.ts'

export interface TrialRequest {
  readonly revision: string
  readonly namespace: string
  readonly pod: JsonObject
}

export interface TrialSettings {
  readonly options: InjectOptions
  readonly nowMs: number
  readonly seed: number
}

/** A problem of an injected pod. */
export interface TrialProblem {
  readonly code: Code & ('image-incomplete' | 'volume-missing')
  readonly message: string
  readonly expected: string
  readonly fix?: string
  /** Where the template wrote it. */
  readonly place?: TemplatePlace
  /** Of an incomplete image. */
  readonly container?: InjectedContainer
}

export interface InjectedContainer {
  readonly list: 'containers' | 'initContainers'
  readonly name: string
  readonly image: string
  /** The pod itself has a container of that name. */
  readonly isOwn: boolean
}

export function injectForTrial(trial: TrialRequest, snapshot: Snapshot, settings: TrialSettings): Outcome {
  return inject(requestOf(trial, settings), snapshot, settings.options)
}

export function requestOf(
  { revision, namespace, pod }: TrialRequest,
  { nowMs, seed }: Pick<TrialSettings, 'nowMs' | 'seed'>,
): InjectionRequest {
  return {
    target: { by: 'revision', name: revision },
    namespace,
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    subResource: '',
    object: pod,
    proxyEnv: new Map(),
    nowMs,
    seed,
  }
}

/** Only for what injection added. The API server reports the pod's own mistakes. */
export function inspectInjected(before: JsonObject, after: JsonObject): readonly TrialProblem[] {
  return [...incompleteImages(before, after), ...missingVolumes(before, after)]
}

const FIELDS = ['containers', 'initContainers'] as const

/** The longest reference that a registry accepts, with some margin. */
const MAX_IMAGE_LENGTH = 1024
const HOST = /^[A-Za-z0-9.-]+(?::\d+)?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[a-z0-9]+:[a-f0-9]{32,}$/

/**
 * `registry:5000/istio/proxyv2:1.30.3-distroless`, `proxyv2@sha256:...`: what the kubelet accepts. Part by part, so that the
 * work is linear.
 */
export function isImageReference(image: string): boolean {
  if (image.length > MAX_IMAGE_LENGTH) return false
  const [named = '', digest, ...more] = image.split('@')
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return false
  const components = named.split('/')
  const [last = '', tag, ...rest] = (components.pop() ?? '').split(':')
  if (rest.length > 0 || (tag !== undefined && !TAG.test(tag)) || !COMPONENT.test(last)) return false
  const [first, ...others] = components
  const host = first === undefined || HOST.test(first) || COMPONENT.test(first)
  return host && others.every((component) => COMPONENT.test(component))
}

function incompleteImages(before: JsonObject, after: JsonObject): readonly TrialProblem[] {
  const own = new Set(FIELDS.flatMap((field) => containersOf(before, field)).map(imageOf))
  return FIELDS.flatMap((field) =>
    containersOf(after, field).flatMap((container) => {
      const image = textAt(container, 'image')
      // `auto` is a pod's placeholder for the injector to replace.
      if (image !== 'auto' && (own.has(imageOf(container)) || isImageReference(image))) return []
      const name = textAt(container, 'name')
      const isOwn = FIELDS.some((list) => findContainer(containersOf(before, list), name) !== undefined)
      return [
        {
          code: 'image-incomplete' as const,
          message: `container ${name} gets the image ${quoteText(image)}`,
          expected: 'HUB/IMAGE:TAG',
          container: { list: field, name, image, isOwn },
        },
      ]
    }),
  )
}

function imageOf(container: JsonObject): string {
  return `${textAt(container, 'name')} ${textAt(container, 'image')}`
}

function missingVolumes(before: JsonObject, after: JsonObject): readonly TrialProblem[] {
  const volumes = new Set(named(listAt(specOf(after), 'volumes')))
  const own = new Set(FIELDS.flatMap((field) => containersOf(before, field)).flatMap(mountsOf))
  return FIELDS.flatMap((field) =>
    containersOf(after, field).flatMap((container) =>
      mountsOf(container)
        .filter((mount) => !own.has(mount))
        .map((mount) => mount.slice(mount.indexOf(' ') + 1))
        .filter((volume) => !volumes.has(volume))
        .map((volume) => ({
          code: 'volume-missing' as const,
          message: `container ${textAt(container, 'name')} mounts volume ${volume}, which does not exist`,
          expected: `a volume ${volume}`,
        })),
    ),
  )
}

function mountsOf(container: JsonObject): readonly string[] {
  return named(listAt(container, 'volumeMounts')).map((volume) => `${textAt(container, 'name')} ${volume}`)
}

function named(list: ReturnType<typeof listAt>): readonly string[] {
  return list.filter(isObject).map((item) => textAt(item, 'name'))
}
