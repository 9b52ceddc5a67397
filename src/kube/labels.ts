/** Labels and annotations that more than one package reads, and how labels are read. */
import { type JsonObject, own } from '../json/index.ts'

/** Namespace or pod: the revision (or revision tag) that injects. */
export const REVISION_LABEL = 'istio.io/rev'
/** Namespace: the legacy label, `enabled` or `disabled`; takes precedence over the revision. */
export const INJECTION_LABEL = 'istio-injection'
/** Pod: whether to inject it; also an annotation of the same name. */
export const INJECT_LABEL = 'sidecar.istio.io/inject'
/** Set by the API server on every namespace. */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name'

/** Labels as a selector reads them; a ReadonlyMap is one. */
export interface Labels {
  get(key: string): string | undefined
}

/** The labels in an object's `metadata.labels`; a value that is not a string counts as missing. */
export function labelsOf(labels: JsonObject | undefined): Labels {
  return {
    get: (key) => {
      const value = own(labels, key)
      return typeof value === 'string' ? value : undefined
    },
  }
}
