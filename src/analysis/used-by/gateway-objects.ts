/** Gateways of the Gateway API whose proxies the control plane creates and configures. */
import { isObject, type JsonObject } from '../../json/index.ts'
import { labelOf, metadataOf, REVISION_LABEL, specOf, textAt } from '../../kube/index.ts'
import { nameOf } from './control-planes.ts'
import { type DependantKind, dependant, objectName } from './dependant.ts'
import type { UsedByFacts } from './facts.ts'
import { reach } from './subject.ts'

/** Classes that Istio serves even where no GatewayClass object exists. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['istio', 'istio.io/gateway-controller'],
  ['istio-waypoint', 'istio.io/mesh-controller'],
  ['istio-east-west', 'istio.io/eastwest-controller'],
])
/** Gateways in other clusters. */
const UNMANAGED = 'istio.io/unmanaged-gateway'

export const gatewayObjects: DependantKind = {
  id: 'gateway-objects',
  one: 'Gateway object',
  many: 'Gateway objects',
  effect: 'Nothing creates, changes or configures the proxies of these Gateways any more.',
  fix: '`kubectl label gateway NAME -n NAMESPACE istio.io/rev=OTHER --overwrite`.',
  needs: ['gateway', 'gatewayclass', 'namespace', 'validatingwebhookconfiguration'],
  find: (subject, facts) => {
    const controllers = new Map(
      facts
        .list('gatewayclass')
        .map((one) => [textAt(metadataOf(one), 'name'), textAt(specOf(one), 'controllerName')]),
    )
    return facts.list('gateway').flatMap((gateway) => {
      const className = textAt(specOf(gateway), 'gatewayClassName')
      const controller = controllers.get(className) ?? BUILT_IN.get(className) ?? ''
      if (!controller.startsWith('istio.io/') || controller === UNMANAGED) return []
      const { name, why } = askedByGateway(gateway, facts)
      return reach(subject, name, facts.snapshot) === undefined
        ? []
        : [dependant(objectName('Gateway', nameOf(gateway)), why)]
    })
  },
}

/** Istio reads the label of the Gateway, else of its namespace; without either the default revision is responsible. */
function askedByGateway(
  gateway: JsonObject,
  { snapshot, list }: UsedByFacts,
): { readonly name: string; readonly why: string } {
  const own = labelOf(gateway, REVISION_LABEL)
  const { namespace } = nameOf(gateway)
  const inherited = snapshot.namespaces.get(namespace)?.labels.get(REVISION_LABEL)
  const name = own ?? inherited ?? ''
  if (name !== '')
    return { name, why: `${REVISION_LABEL}=${name}${own === undefined ? ` of namespace ${namespace}` : ''}` }
  const validator = list('validatingwebhookconfiguration').find(
    (one) => textAt(metadataOf(one), 'name') === 'istiod-default-validator',
  )
  const validating = isObject(validator) ? labelOf(validator, REVISION_LABEL) : undefined
  const fallback = snapshot.tags.has('default') ? 'default' : validating || 'default'
  return { name: fallback, why: 'it names no revision, so the default one serves it' }
}
