/**
 * Owns: which webhooks of a MutatingWebhookConfiguration are ours, which of them lack a CA, and the patch that gives it
 * to them. Pure. Not here: when to write (ca-bundle-policy.ts) and writing (ca-bundle-configuration.ts).
 */
import { bundleHolds, mergeBundle, type ServiceName } from '../certs/index.ts'
import { isObject, type JsonObject, own } from '../json/index.ts'
import { metadataOf } from './live/resources.ts'

export interface OurWebhook {
  readonly name: string
  /** PEM; empty where there is none. */
  readonly bundle: string
}

/** All that is kept of a configuration. */
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

/** Those that call this Service; all of them where none is named. */
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

/** Those whose bundle does not hold every one of these CAs. */
export function lackingWebhooks(
  webhooks: readonly OurWebhook[],
  required: readonly string[],
): readonly OurWebhook[] {
  // The same few bundles stand in all webhooks of a configuration.
  const known = new Map<string, boolean>()
  return webhooks.filter(({ bundle }) => {
    const holds = known.get(bundle) ?? bundleHolds(bundle, required)
    known.set(bundle, holds)
    return !holds
  })
}

export interface PatchContext {
  /** The patch is refused where the object has another one by now. */
  readonly version: string
  readonly nowMs: number
}

/**
 * A strategic merge patch: webhooks are told apart by name, so order and number may change meanwhile; the resource
 * version makes the server refuse it where anything did. It touches nothing but caBundle: that field alone becomes
 * ours, and another server-side apply of the same render meets no conflict.
 *
 * Kubernetes 1.35: a server-side apply of the same would own `name` and the list entry, too. An installer's apply that
 * drops the webhook is then refused, because name and caBundle alone are no valid webhook. An update takes caBundle from
 * whoever owns it, as an apply with `force` does.
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
