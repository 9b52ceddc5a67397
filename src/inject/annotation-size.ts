/**
 * Owns: the size that Kubernetes allows all annotations of an object together. The API server checks it after all
 * webhooks, so a pod that is too large then would cost a whole injection for nothing: it is refused here, with the reason.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { InjectionRefusal } from './refusal.ts'
import { OVERRIDES, STATUS } from './restore.ts'
import type { RevisionConfig } from './revision-config.ts'

/** Of keys and values as UTF-8. Kubernetes 1.20+: TotalAnnotationSizeLimitB of apimachinery. */
export const MAX_ANNOTATION_BYTES = 256 * 1024

/** What injection may replace, beside the annotations that the injector configuration adds. */
export const REPLACED_ANNOTATIONS: { readonly names: readonly string[]; readonly prefix: string } = {
  names: [STATUS, OVERRIDES],
  prefix: 'prometheus',
}

/**
 * Before anything is read: only the annotations that injection leaves as they are count, so none is refused that would
 * be small enough afterwards.
 * @throws InjectionRefusal annotations-too-large
 */
export function refuseKeptAnnotations(metadata: JsonObject | undefined, config: RevisionConfig): void {
  const annotations = own(metadata, 'annotations')
  if (!isObject(annotations)) return
  const { injectedAnnotations } = config.injector
  // Without a status the overrides are written anew where there are some.
  const isReplaced = (name: string): boolean =>
    name === STATUS ||
    (name === OVERRIDES && own(annotations, STATUS) === undefined) ||
    name.startsWith(REPLACED_ANNOTATIONS.prefix) ||
    injectedAnnotations.has(name)
  refuse(sizeOf(annotations, isReplaced))
}

/** Of the injected pod. @throws InjectionRefusal annotations-too-large */
export function refuseInjectedAnnotations(annotations: JsonObject): void {
  refuse(sizeOf(annotations, () => false))
}

/** @returns the size so far, once it is over the limit */
function sizeOf(annotations: JsonObject, isLeftOut: (name: string) => boolean): number {
  let bytes = 0
  for (const name in annotations) {
    const value = own(annotations, name)
    if (typeof value !== 'string' || isLeftOut(name)) continue
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    if (bytes > MAX_ANNOTATION_BYTES) break
  }
  return bytes
}

function refuse(bytes: number): void {
  if (bytes <= MAX_ANNOTATION_BYTES) return
  const message = `the pod's annotations would have more than ${MAX_ANNOTATION_BYTES} bytes in all after injection, which is all that Kubernetes allows; make annotations of the pod smaller, or the environment and other settings of its own istio-proxy, which are kept in the annotation ${OVERRIDES}`
  throw new InjectionRefusal('annotations-too-large', message)
}
