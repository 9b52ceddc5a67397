/**
 * Gateways that were rendered whole (istioctl, the controller of the Gateway API) and waypoints. Nothing is injected into
 * them, so they are judged by the revision that they name, the version of their image and their control plane.
 */
import type { JsonObject } from '../json/index.ts'
import { metadataOf, textAt } from '../kube/index.ts'
import type { Assessment } from './assessment.ts'
import { findGone } from './control-plane.ts'
import { findDesired } from './desired.ts'
import { readSidecar } from './existing-sidecar.ts'
import type { LedgerFacts } from './facts.ts'
import type { FieldDifference, PodState } from './pod-state.ts'
import { gatewayRevision, type ProxyKind, proxyImageOf } from './proxy-kind.ts'
import { differencesState } from './settle.ts'

export function assessGateway(pod: JsonObject, proxy: ProxyKind, facts: LedgerFacts): Assessment {
  const name = gatewayRevision(pod)
  const { revisions, tags } = facts.snapshot
  const revision = tags.get(name) ?? name
  const base = { proxy, actual: revision, desired: revision, sinceChange: false }
  if (facts.unreadable !== undefined)
    return { ...base, desired: undefined, state: unknown('desired-unknown', facts.unreadable) }
  const gone = findGone(pod, facts)
  if (gone !== undefined)
    return { ...base, desired: revisions.has(revision) ? revision : undefined, state: gone }
  if (!revisions.has(revision))
    return {
      ...base,
      desired: undefined,
      state: { kind: 'unserved', code: 'revision-not-installed', asked: name },
    }
  const probe = findDesired(probePod(pod), facts, { by: 'revision', name: revision })
  if (probe.kind !== 'sidecar') {
    const message = 'message' in probe ? probe.message : probe.kind
    return { ...base, state: unknown('configuration-unusable', message) }
  }
  return { ...base, state: differencesState(compareGateway(pod, probe.injection.injected), false) }
}

function unknown(reason: 'desired-unknown' | 'configuration-unusable', message: string): PodState {
  return { kind: 'unknown', reason, message, fields: [] }
}

/** A plain pod whose sidecar has the image and the control plane that the revision's gateways have. */
function probePod(pod: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'any', namespace: textAt(metadataOf(pod), 'namespace') || 'default' },
    spec: { containers: [{ name: 'any', image: 'any' }] },
  }
}

function compareGateway(pod: JsonObject, injected: JsonObject): readonly FieldDifference[] {
  const found: FieldDifference[] = []
  const [stated, image] = [proxyImageOf(injected), proxyImageOf(pod)]
  // A gateway's registry is its own setting; its version is the control plane's.
  if (versionOf(stated) !== versionOf(image) && versionOf(image) !== '')
    found.push({ path: 'spec.containers[istio-proxy].image', cause: 'proxy-image', stated, found: image })
  const [next, now] = [readSidecar(injected), readSidecar(pod)]
  if (next !== undefined && now !== undefined && next.discoveryAddress !== now.discoveryAddress)
    found.push({
      path: 'spec.containers[istio-proxy].env[PROXY_CONFIG].value{discoveryAddress}',
      cause: 'discovery-address',
      stated: next.discoveryAddress,
      found: now.discoveryAddress,
    })
  return found
}

/** The tag; empty for an image with a digest only. */
function versionOf(image: string): string {
  const [name = ''] = image.split('@')
  const last = name.slice(name.lastIndexOf('/') + 1)
  const colon = last.indexOf(':')
  return colon < 0 ? '' : last.slice(colon + 1)
}
