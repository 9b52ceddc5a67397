/**
 * Determines which webhooks of a MutatingWebhookConfiguration are ours and which of them lack a CA, and makes the
 * patch that adds it. Pure.
 */
import { bundleHolds, mergeBundle, type ServiceName } from '../certs/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import { metadataOf } from './live/resources.ts'

export interface OurWebhook {
  readonly name: string
  /** PEM; empty if there is none. */
  readonly bundle: string
}

/** The fields of a configuration that are kept. */
export function caBundleFields(object: JsonObject): JsonObject {
  const { name } = metadataOf(object)
  const webhooks = listOf(object, 'webhooks').map((webhook) => {
    const client = childOf(webhook, 'clientConfig')
    const service = childOf(client, 'service')
    const { caBundle } = client
    return {
      name: own(webhook, 'name') ?? '',
      clientConfig: {
        service: { namespace: own(service, 'namespace') ?? '', name: own(service, 'name') ?? '' },
        ...(typeof caBundle === 'string' ? { caBundle } : {}),
      },
    }
  })
  return { metadata: { name: name ?? '' }, webhooks }
}

/** The webhooks that call this Service; all if no Service is named. */
export function ourWebhooks(object: JsonObject, service: ServiceName | undefined): readonly OurWebhook[] {
  return listOf(object, 'webhooks').flatMap((webhook) => {
    const client = childOf(webhook, 'clientConfig')
    const called = childOf(client, 'service')
    if (service !== undefined) {
      if (own(called, 'namespace') !== service.namespace || own(called, 'name') !== service.name) return []
    }
    const [name, caBundle] = [own(webhook, 'name'), own(client, 'caBundle')]
    if (typeof name !== 'string') return []
    const bundle = typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : ''
    return [{ name, bundle }]
  })
}

/** The webhooks whose bundle does not contain every one of these CAs. */
export function lackingWebhooks(
  webhooks: readonly OurWebhook[],
  required: readonly string[],
): readonly OurWebhook[] {
  // All webhooks of a configuration usually have the same few bundles.
  const known = new Map<string, boolean>()
  return webhooks.filter(({ bundle }) => {
    const holds = known.get(bundle) ?? bundleHolds(bundle, required)
    known.set(bundle, holds)
    return !holds
  })
}

export interface PatchContext {
  /** The API server refuses the patch if the object has changed since. */
  readonly version: string
  readonly nowMs: number
}

/**
 * A strategic merge patch. Webhooks are identified by name, so their order and number may change meanwhile. With the
 * resource version, the API server refuses the patch if anything changed. It touches only caBundle, so only that
 * field becomes ours, and another server-side apply of the same manifests gets no conflict.
 *
 * Kubernetes 1.35: a server-side apply would also own `name` and the list entry. An installer's apply that drops the
 * webhook would then be refused, because name and caBundle alone are not a valid webhook. An update takes caBundle
 * from its owner, like an apply with `force`.
 */
export function caBundlePatch(
  lacking: readonly OurWebhook[],
  required: readonly string[],
  { version, nowMs }: PatchContext,
): JsonObject {
  return {
    metadata: { resourceVersion: version },
    webhooks: lacking.map(({ name, bundle }) => {
      const next = mergeBundle(required, bundle, { nowMs })
      return { name, clientConfig: { caBundle: Buffer.from(next, 'utf8').toString('base64') } }
    }),
  }
}

function childOf(object: JsonObject, key: string): JsonObject {
  const child = own(object, key)
  return isObject(child) ? child : {}
}

function listOf(object: JsonObject, key: string): readonly JsonObject[] {
  const list = own(object, key)
  return Array.isArray(list) ? list.filter(isObject) : []
}
