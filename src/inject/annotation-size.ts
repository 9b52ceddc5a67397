/**
 * Kubernetes' limit for the total size of an object's annotations. The API server checks it after all webhooks, so
 * injecting a pod that is too large would be wasted work: it is refused here, with the reason.
 */
import { isObject, type JsonObject, own } from '../json/index.ts'
import { InjectionRefusal } from './refusal.ts'
import { OVERRIDES, STATUS } from './restore.ts'
import type { RevisionConfig } from './revision-config.ts'

/** Keys and values in UTF-8. Kubernetes 1.20+: TotalAnnotationSizeLimitB of apimachinery. */
export const MAX_ANNOTATION_BYTES = 256 * 1024

/** What injection may replace, beside the annotations that the injector configuration adds. */
export const REPLACED_ANNOTATIONS: { readonly names: readonly string[]; readonly prefix: string } = {
  names: [STATUS, OVERRIDES],
  prefix: 'prometheus',
}

/**
 * Checked first, so it counts only annotations that injection does not change: a pod that would be small enough
 * afterwards is not refused.
 * @throws InjectionRefusal annotations-too-large
 */
export function refuseKeptAnnotations(metadata: JsonObject | undefined, config: RevisionConfig): void {
  const annotations = own(metadata, 'annotations')
  if (!isObject(annotations)) return
  const { injectedAnnotations } = config.injector
  // Without a status the overrides are written anew if there are any.
  const isReplaced = (name: string): boolean =>
    name === STATUS ||
    (name === OVERRIDES && own(annotations, STATUS) === undefined) ||
    name.startsWith(REPLACED_ANNOTATIONS.prefix) ||
    injectedAnnotations.has(name)
  refuse(sizeOf(annotations, isReplaced))
}

/** For the injected pod. @throws InjectionRefusal annotations-too-large */
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
  const message = `after injection the pod's annotations would exceed ${MAX_ANNOTATION_BYTES} bytes in total, the limit of Kubernetes; shorten the annotations, or the environment and other settings of the pod's own istio-proxy container, which are stored in the annotation ${OVERRIDES}`
  throw new InjectionRefusal('annotations-too-large', message)
}
