/**
 * The image of proxy and init container: `<hub>/<image>:<tag>[-<type>]` (Istio's pkg/kube/inject/inject.go,
 * ProxyImage, ProxyInitImage and imageURL).
 */
import type { ProxyConfig, ValuesFacts } from '../istio/index.ts'
import type { RevisionConfig } from './revision-config.ts'

const KNOWN_TYPES = ['distroless', 'debug']

/** For istio-proxy; `annotatedType` is the pod's annotation sidecar.istio.io/proxyImageType. */
export function proxyImage(
  config: RevisionConfig,
  image: ProxyConfig['image'],
  annotatedType: string | undefined,
): string {
  const { facts } = config.values
  const variant = config.gates.globalVariant ? facts.variant : ''
  const stated = image?.imageType ?? ''
  // Istio 1.22 to 1.30: an image without a type hides the variant.
  const type =
    image === undefined ? variant : config.gates.imageTypeFallsBackToVariant ? stated || variant : stated
  return imageUrl(facts, facts.proxyImage || 'proxyv2', annotatedType ?? type)
}

/** For the init container. Istio 1.31+. */
export function proxyInitImage(config: RevisionConfig, annotatedType: string | undefined): string {
  const { facts } = config.values
  return imageUrl(facts, facts.proxyInitImage || 'proxyv2', annotatedType ?? facts.variant)
}

function imageUrl(facts: ValuesFacts, name: string, type: string): string {
  return `${facts.hub}/${name}:${tagOfType(facts.tag, type)}`
}

/** A known type at the end of the tag is replaced; `default` removes it. */
function tagOfType(tag: string, type: string): string {
  if (type === '') return tag
  const known = KNOWN_TYPES.find((candidate) => tag.endsWith(`-${candidate}`))
  const bare = known === undefined ? tag : tag.slice(0, -known.length - 1)
  return type === 'default' ? bare : `${bare}-${type}`
}
