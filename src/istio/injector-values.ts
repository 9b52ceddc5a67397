/**
 * The key `values` of the injector's ConfigMap: once as it stands, for templates, and once decoded into the
 * message Values, for what the injector itself reads.
 */
import type { JsonObject } from '../json/index.ts'
import type { ProtoMessage } from './proto-message.ts'
import type { IstioVersion } from './version.ts'

export interface Values {
  /** As the template's `.Values`; null where the text is empty or `null`. */
  readonly map: JsonObject | null
  /** The message istio.operator.v1alpha1.Values. */
  readonly struct: ProtoMessage
  /** What the injector reads of the message, picked out; unset strings are empty. */
  readonly facts: ValuesFacts
}

export interface ValuesFacts {
  readonly hub: string
  /** Numbers print as Go prints a float64. */
  readonly tag: string
  readonly variant: string
  readonly proxyImage: string
  readonly proxyInitImage: string
  readonly clusterName: string
  readonly network: string
  readonly istioNamespace: string
  readonly rewriteAppHttpProbe: boolean
  readonly holdApplicationUntilProxyStarts: boolean
  /** sidecarInjectorWebhook.enableNamespacesByDefault. */
  readonly enableNamespacesByDefault: boolean
  /** pilot.env (1.26 and later), every value as text. */
  readonly pilotEnv: ReadonlyMap<string, string>
}

export interface InputOptions {
  readonly version: IstioVersion
  /** How messages name the text: `ConfigMap istio-system/istio-sidecar-injector, key values`. */
  readonly source: string
}
