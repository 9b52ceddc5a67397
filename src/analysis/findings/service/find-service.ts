/** A Service among the objects, with what rules need of it. */
import { isObject, type JsonObject, own } from '../../../json/index.ts'
import { labelsOf, listAt, metadataOf, objectAt, specOf, textAt } from '../../../kube/index.ts'

export interface ServiceFacts {
  /** The revision in its label istio.io/rev; undefined if it has none. */
  readonly revision: string | undefined
  readonly ports: readonly number[]
}

/** undefined: there is no such Service. */
export function findService(
  services: readonly JsonObject[],
  wanted: { readonly namespace: string; readonly name: string },
): ServiceFacts | undefined {
  const found = services.find((service) => {
    const metadata = metadataOf(service)
    const namespace = textAt(metadata, 'namespace') || 'default'
    return textAt(metadata, 'name') === wanted.name && namespace === wanted.namespace
  })
  if (found === undefined) return undefined
  const revision = labelsOf(objectAt(metadataOf(found), 'labels')).get('istio.io/rev')
  const ports = listAt(specOf(found), 'ports')
    .filter(isObject)
    .map((item) => own(item, 'port'))
    .filter((port) => typeof port === 'number')
  return { revision: revision === '' ? 'default' : revision, ports }
}
