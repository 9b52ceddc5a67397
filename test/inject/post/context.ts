/** A post-context to test passes with: Istio's defaults, every gate of a release. */
import { PodDraft, type PostContext } from '../../../src/inject/post/index.ts'
import { gatesFor, parseIstioVersion } from '../../../src/istio/index.ts'
import type { JsonObject, MutableJsonObject } from '../../../src/json/index.ts'

export interface TestContext extends Partial<Omit<PostContext, 'values'>> {
  readonly values?: Partial<PostContext['values']>
  /** Default 1.31.0. */
  readonly release?: string
}

export function postContext({ values, release = '1.31.0', ...over }: TestContext = {}): PostContext {
  const version = parseIstioVersion(release)
  if (version === undefined) throw new Error(release)
  return {
    template: {},
    mesh: { defaultConfig: { statusPort: 15020 } },
    annotatedProxyConfig: {},
    values: {
      hub: '',
      tag: '',
      variant: '',
      proxyImage: '',
      proxyInitImage: '',
      clusterName: '',
      network: '',
      istioNamespace: 'istio-system',
      rewriteAppHttpProbe: true,
      holdApplicationUntilProxyStarts: false,
      enableNamespacesByDefault: false,
      pilotEnv: new Map(),
      ...values,
    },
    gates: gatesFor(version),
    revision: 'default',
    revisionLabel: undefined,
    proxyEnv: new Map(),
    injectedAnnotations: new Map(),
    notes: [],
    ...over,
  }
}

/** Freezes all below the root, so that a pass which changes what it shares with the request fails. */
export function draftOf(pod: JsonObject): PodDraft {
  for (const value of Object.values(pod)) deepFreeze(value)
  return new PodDraft({ ...pod } as MutableJsonObject)
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  Object.freeze(value)
  for (const item of Object.values(value)) deepFreeze(item)
}

/** A pod with those containers beside a proxy. */
export function podWith(containers: readonly JsonObject[], over: JsonObject = {}): JsonObject {
  return { metadata: {}, spec: { containers: [...containers, { name: 'istio-proxy' }] }, ...over }
}
