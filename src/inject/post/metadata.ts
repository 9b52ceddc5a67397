/**
 * The metadata that injection writes: the network label, the status annotation that lists the injected parts, and the
 * annotations from the injector configuration.
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

/** Names in the template's order; Go writes a nil list as null. */
function encodeStatus(context: PostContext): string {
  const spec = own(context.template, 'spec')
  const names = (key: string) => (isObject(spec) ? namesOf(spec, key) : null)
  const status = {
    initContainers: names('initContainers'),
    containers: names('containers'),
    volumes: names('volumes'),
    imagePullSecrets: names('imagePullSecrets'),
  }
  return encodeGoJson(
    // Istio 1.11+: the revision is in the status rather than in a label, which may name a tag.
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
