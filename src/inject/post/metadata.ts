/**
 * What injection writes on the pod's metadata: the network label, the status annotation that later tells which parts
 * were injected, and the annotations that the injector configuration adds.
 */
import { encodeGoJson, isObject, type JsonObject, own } from '../../json/index.ts'
import { NETWORK_LABEL, type PostContext, STATUS_ANNOTATION } from './context.ts'
import type { PodDraft } from './pod-draft.ts'

export function applyMetadata(pod: PodDraft, context: PostContext): undefined {
  const network = context.proxyEnv.get('ISTIO_META_NETWORK')
  if (network !== undefined) pod.setLabel(NETWORK_LABEL, network)
  pod.setAnnotation(STATUS_ANNOTATION, encodeStatus(context))
  for (const [name, value] of context.injectedAnnotations) pod.setAnnotation(name, value)
}

/** Names in the template's order; Go writes a list that stayed empty as null. */
function encodeStatus(context: PostContext): string {
  const spec = own(context.templatePod, 'spec')
  const names = (key: string) => (isObject(spec) ? namesOf(spec, key) : null)
  const status = {
    initContainers: names('initContainers'),
    containers: names('containers'),
    volumes: names('volumes'),
    imagePullSecrets: names('imagePullSecrets'),
  }
  return encodeGoJson(
    // Istio 1.11+: the revision stands here rather than in a label, which may be a tag's.
    context.gates.statusNamesRevision ? { ...status, revision: context.revision } : status,
    { sortKeys: false },
  )
}

function namesOf(spec: JsonObject, key: string): readonly string[] | null {
  const list = own(spec, key)
  if (!Array.isArray(list) || list.length === 0) return null
  return list.map((item) => {
    const name = isObject(item) ? own(item, 'name') : undefined
    return typeof name === 'string' ? name : ''
  })
}
